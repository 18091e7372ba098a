"""What can be said of every combination without running it."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.writing.template import template_root
from tests.template import faults
from tests.template.combinations import (
    CHOICES,
    EVERYTHING,
    EXAMPLES,
    EXTRAS,
    PAIRS,
    PYTHONS,
    REFUSED,
    RICHEST,
    VALID,
    VALUES,
    Answers,
    covering,
    label,
    pairs,
    refusal,
)
from tests.template.projects import ROOT, files_of, given, render_project, run_in, shared_renders, succeed
from tests.template.sample import Sample

TEMPLATE = ROOT / "template"
QUESTIONNAIRE = load_questionnaire(template_root())


def test_number_of_combinations(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(VALID)} valid combinations of {len(EVERYTHING)}, {len(REFUSED)} refused")  # noqa: T201
    assert len(VALID) == 480


def test_the_oracle_knows_every_choice() -> None:
    choices = {question.name: [choice.value for choice in question.choices] for question in QUESTIONNAIRE.questions}
    known = {"python_version": PYTHONS} | VALUES | EXAMPLES | EXTRAS
    assert {name: values for name, values in choices.items() if values} == known


# All of them in the whole lane; every pair of values, and with each refused one, always.
SOME = covering(VALID, pairs) + covering(REFUSED, pairs)


@pytest.mark.parametrize(
    "answers", [pytest.param(one, marks=[] if one in SOME else pytest.mark.whole) for one in EVERYTHING], ids=label
)
def test_the_rules_agree_with_the_oracle(answers: Answers) -> None:
    if reason := refusal(answers):
        with pytest.raises(ScaffoldError, match=reason):
            complete(QUESTIONNAIRE, given(answers))
    else:
        assert complete(QUESTIONNAIRE, given(answers)).items() >= answers.items()


@pytest.mark.parametrize(("extra", "value"), CHOICES)
def test_the_rules_know_what_needs_the_example(extra: str, value: str) -> None:
    answers = {**RICHEST, "example": "none"} | dict.fromkeys(EXTRAS, "none") | {extra: value}
    if reason := refusal(answers):
        with pytest.raises(ScaffoldError, match=reason):
            complete(QUESTIONNAIRE, given(answers))
    else:
        assert complete(QUESTIONNAIRE, given(answers)).items() >= answers.items()


def lint(projects: Path) -> str:
    """Return what ruff says of all projects in a directory, each by its own configuration."""
    check, form = (
        run_in(projects, "ruff", *command, "--no-cache") for command in (["check", "--no-fix"], ["format", "--check"])
    )
    return "" if check.returncode == form.returncode == 0 else check.stdout + form.stdout + check.stderr + form.stderr


def test_lint_and_format_are_clean_as_rendered(sample: Sample, tmp_path: Path) -> None:
    for answers in sample.apart:
        render_project(tmp_path / label(answers), answers)
    assert lint(tmp_path) == ""


@pytest.mark.parametrize("line", ["import os", "x  = 1"])
def test_lint_and_format_see_the_file_of_one_project(line: str, tmp_path: Path) -> None:
    first, *_, last = (render_project(tmp_path / label(answers), answers) for answers in PAIRS[:3])
    (last / "app/core/ids.py").write_text(f"{(last / 'app/core/ids.py').read_text()}\n\n{line}\n")
    assert f"{last.name}/app/core/ids.py" in lint(tmp_path)
    assert f"{first.name}/app/core/ids.py" not in lint(tmp_path)


def faults_in(sample: Sample, check: Callable[[str, str], list[str]]) -> list[str]:
    """Return what a check of one file finds, by path; each distinct content is looked at once."""
    return [f"{path}: {fault}" for (path, _), text in sample.files.items() for fault in check(path, text)]


@pytest.mark.parametrize("check", [faults.parsing, faults.tidiness, faults.length], ids=lambda check: check.__name__)
def test_every_file_is(sample: Sample, check: Callable[[str, str], list[str]]) -> None:
    assert faults_in(sample, check) == []


def test_no_directory_is_empty(sample: Sample) -> None:
    assert [render.empty for _, render in sample.combinations if render.empty] == []


def test_nothing_is_left_of_what_is_off(sample: Sample) -> None:
    left = cache(lambda trace, path, key: faults.traces(trace, path, sample.files[path, key]))
    for answers, render in sample.combinations:
        for one in [faults.TRACES[choice] for choice in answers.items() if choice in faults.TRACES]:
            found = {path: left(one, path, key) for path, key in render.files.items()}
            assert not any(found.values()), (label(answers), {path: it for path, it in found.items() if it})


# What a pipeline keeps up to date depends on where the application runs.
OF_BOTH = {".github/dependabot.yml", ".copier-answers.yml"}


@pytest.mark.whole
def test_a_combination_is_the_sum_of_what_surrounds_the_application() -> None:
    """And of Python, a pipeline adds nothing; a deployment changes nothing that is there without it."""
    renders = shared_renders()
    for answers in VALID:
        whole, *parts = (
            renders.of(given(answers | changes)).files for changes in ({}, {"ci": "none"}, {"deployment": "none"})
        )
        assert whole.keys() == {path for part in parts for path in part}, label(answers)
        for path in whole.keys() - OF_BOTH:
            assert whole[path] in [part[path] for part in parts if path in part], (label(answers), path)
        bare = renders.of(given(answers | {"ci": "none", "deployment": "none"})).files
        python = {path: key for path, key in bare.items() if path.endswith(".py")}
        assert python.items() <= whole.items(), label(answers)


def test_every_listed_path_exists() -> None:
    catalogue, paths = QUESTIONNAIRE.tables["catalogue"], QUESTIONNAIRE.tables["paths"]
    owned = [path for rows in catalogue.values() for row in rows.values() for path in row["files"]]
    missing = [path for path in (*paths, *owned) if not any(TEMPLATE.glob(f"{path}*"))]
    assert missing == []


def test_no_template_compares_an_answer_with_a_literal() -> None:
    names = "|".join(question.name for question in QUESTIONNAIRE.questions)
    literal = rf"\b({names})\s*(==|!=|in\b|not in\b)|(==|!=)\s*({names})\b"
    for path in TEMPLATE.rglob("*"):
        if path.is_file():
            for tag in re.findall(r"\{[{%].*?[%}]\}", path.read_text(encoding="utf-8"), re.DOTALL):
                assert not re.search(literal, tag), f"{path}: {tag}"


def test_most_files_are_plain() -> None:
    parts = ("__pycache__", "_extras", "_guides", "_macros", "_settings")
    files = [path for path in TEMPLATE.rglob("*") if path.is_file() and not set(parts) & set(path.parts)]
    plain = [path for path in files if path.suffix != ".jinja"]
    assert len(plain) / len(files) > 5 / 8, f"{len(plain)} of {len(files)} files contain no Jinja"


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, (8125, 6365)),
        ({"database": "postgresql", "deployment": "kubernetes"}, (8600, 6790)),
        (dict.fromkeys(("database", "auth", "deployment", "ci", "example"), "none"), (2920, 2310)),
    ],
    ids=["default", "cluster", "smallest"],
)
def test_projects_stay_small(tmp_path: Path, changes: dict[str, str], limit: tuple[int, int]) -> None:
    project = render_project(tmp_path / "my-api", VALID[0] | changes)
    lines = [line for path in files_of(project) for line in path.read_text(encoding="utf-8").splitlines()]
    written = [line for line in lines if line.strip()]
    assert (len(lines) <= limit[0], len(written) <= limit[1]) == (True, True), (
        f"{len(lines)} lines, {len(written)} written"
    )


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["A", "A" * 60, "my api.v2_x-y"], ids=["short", "long", "mixed"])
def test_clean_for_every_python_and_name(tmp_path: Path, name: str, python: str) -> None:
    for answers in (VALID[0], VALID[-1], RICHEST | {"resources": "note text:text; reply text:text note:ref:note"}):
        project = render_project(tmp_path / label(answers), answers, project_name=name, python_version=python)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")
