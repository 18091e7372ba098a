"""What is read from a project on disk."""

from pathlib import Path

import pytest

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.writing.project import Check, read_answers, read_checks
from fastapi_scaffold.writing.template import template_root

POE = "[tool.poe.tasks]\n"


@pytest.mark.parametrize(
    ("tasks", "checks"),
    [
        ('check = ["a"]\na = "ruff check \'x y\'"', [Check("a", ("ruff", "check", "x y"))]),
        ('check = { sequence = ["a"] }\na = { cmd = "ruff check", help = "Lint" }', [Check("a", ("ruff", "check"))]),
        ('check = ["a"]\na = { shell = "ruff check && ty" }', [Check("a", ("poe", "a"))]),
        ('check = ["a"]\na = { cmd = "ruff", env = { X = "1" } }', [Check("a", ("poe", "a"))]),
        ('check = ["a"]\na = "ruff ${X} *.py"', [Check("a", ("poe", "a"))]),
        ('check = ["a", "b"]\nb = ["a"]', [Check("a", ("poe", "a")), Check("b", ("poe", "b"))]),
    ],
)
def test_checks(tmp_path: Path, tasks: str, checks: list[Check]) -> None:
    (tmp_path / "pyproject.toml").write_text(POE + tasks)
    assert read_checks(tmp_path) == checks


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, "not_a_project"),
        ("", "not_a_project"),
        ("[tool.poe.tasks]\ncheck = 'x'", "not_a_project"),
        ("[tool.poe.tasks]\ncheck = []", "not_a_project"),
        ("[tool", "invalid_project"),
    ],
)
def test_no_checks(tmp_path: Path, document: str | None, code: str) -> None:
    if document is not None:
        (tmp_path / "pyproject.toml").write_text(document)
    with pytest.raises(ScaffoldError) as caught:
        read_checks(tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize("content", [None, b"", b"- a", b"database: sqlite", b"{", b": :", b"\xff"])
def test_no_answers(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / ".copier-answers.yml").write_bytes(content)
    with pytest.raises(ScaffoldError) as caught:
        read_answers(tmp_path, load_questionnaire(template_root()))
    assert caught.value.code == "not_a_project"


def test_answers_with_the_conflict_of_two_branches(tmp_path: Path) -> None:
    (tmp_path / ".copier-answers.yml").write_text("_src_path: x\n<<<<<<< x\na: 1\n=======\na: 2\n>>>>>>> y\n")
    with pytest.raises(ScaffoldError) as caught:
        read_answers(tmp_path, load_questionnaire(template_root()))
    assert caught.value.code == "conflict_markers"


def test_only_answers_to_questions_are_read(tmp_path: Path) -> None:
    (tmp_path / ".copier-answers.yml").write_text("_src_path: x\ndatabase: none\ngone: 1\n")
    assert read_answers(tmp_path, load_questionnaire(template_root())) == {"database": "none"}
