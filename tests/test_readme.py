"""The README shows what the program does today."""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from fastapi_scaffold.answers import usual
from fastapi_scaffold.cli import EPILOG, PROGRAM
from fastapi_scaffold.practices import applicable, load_practices
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.cli.console import CHECKOUT, environment
from tools.pictures import DIRECTORY, wizard
from tools.readme import README, insert, table

QUESTIONNAIRE = load_questionnaire(template_root())


def test_the_commands_under_use_work_in_their_order(tmp_path: Path) -> None:
    found = re.search(r"^## Use$.*?^```sh$\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    commands = [shlex.split(line, comments=True) for line in found[1].splitlines()]
    assert {"new", "verify", "add", "update"} == {words[1] for words in commands if words[0] == PROGRAM}
    for words in commands:
        # Nobody answers here, and other tests prove.
        more = {"new": ["--defaults", "--no-verify"], "add": ["--no-verify"], "update": ["--no-verify"]}
        if words[1] == "verify":
            continue
        program = [sys.executable, "-m", "fastapi_scaffold"] if words[0] == PROGRAM else words[:1]
        identity = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            [*program, *words[1:], *more.get(words[1], [])],
            cwd=tmp_path,
            env=environment(**identity),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)


def test_the_table_of_answers_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert insert(text, table(QUESTIONNAIRE)) == text, "Run `uv run python -m tools.readme`."


def test_the_pictures_of_the_wizard_are_current() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        pictures = wizard(Path(scratch))
    old = [name for name, svg in pictures.items() if (DIRECTORY / f"{name}.svg").read_text(encoding="utf-8") != svg]
    assert old == [], "Run `uv run python -m tools.pictures`."


def test_the_picture_of_the_report_names_every_group() -> None:
    shown = (DIRECTORY / "report.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    rows = applicable(load_practices(), QUESTIONNAIRE.capabilities(usual(QUESTIONNAIRE)))
    for group in {practice.group for practice in rows}:
        number = sum(practice.group == group for practice in rows)
        assert f"{number}/{number}" in shown, f"{group}: run `uv run python -m tools.pictures`."
    assert f"{len(rows)} practices proven" in shown


def test_every_picture_every_command_and_every_exit_code_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    assert {f"docs/{path.name}" for path in DIRECTORY.glob("*.svg")} == set(re.findall(r"\((docs/\S+\.svg)\)", text))
    for code, meaning in re.findall(r"^  (\d+) +(.+(?:\n {7}.+)*)", EPILOG, re.MULTILINE):
        assert f"| {code} | {' '.join(meaning.split())} |" in text
    shown = (CHECKOUT / "tests/cli/transcripts/program.txt").read_text(encoding="utf-8")
    commands = set(re.findall(r"^1\|   ([a-z]+)  ", shown, re.MULTILINE))
    assert commands == set(re.findall(r"^\| `([a-z]+)[ `]", text, re.MULTILINE))
