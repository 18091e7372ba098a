"""What each command says, word for word: the files in `transcripts/` are run and compared.

A case is a title, with the code of the error if it is one; what is given; the command; what it writes on standard
output (`1|`) and standard error (`2|`); and the exit code. Write a title, what is given and the command, and let
`FASTAPI_SCAFFOLD_REWRITE=1 uv run pytest tests/commands/test_transcripts.py` write the rest. Then read it.
"""

import ast
import json
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from tests.commands.given import Stage
from tests.console import CHECKOUT, normalise, tree

DIRECTORY = Path(__file__).parent / "transcripts"
REWRITE = bool(os.environ.get("FASTAPI_SCAFFOLD_REWRITE"))
_CODE = re.compile(r" \((\w+)\)$")


@dataclass(frozen=True)
class Case:
    """One command and what is expected of it. `head` is everything up to the command, as it is in the file."""

    file: Path
    text: str

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def code(self) -> str:
        found = _CODE.search(self.title)
        return found[1] if found else ""

    @property
    def given(self) -> list[str]:
        return re.findall(r"^given (.+)$", self.text, re.MULTILINE)

    @property
    def command(self) -> list[str]:
        found = re.search(r"^\$ fastapi-scaffold ?(.*)$", self.text, re.MULTILINE)
        assert found, self.title
        return shlex.split(found[1])

    @property
    def head(self) -> str:
        return self.text.partition("\n$ ")[0] + "\n$ " + self.text.partition("\n$ ")[2].partition("\n")[0] + "\n"


def read(file: Path) -> list[Case]:
    return [Case(file, f"{text.strip()}\n") for text in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]]


CASES = [case for file in sorted(DIRECTORY.glob("*.txt")) for case in read(file)]
# What prints no JSON, or says the same as another case.
NO_JSON = {"--help", "--version", "--quiet", "--verbose"}


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[f"{case.file.stem}: {case.title}" for case in cases])


# After an error Copier leaves a directory listing open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def stage(request: pytest.FixtureRequest, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(request, workplace, monkeypatch)


def run(case: Case, stage: Stage, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    stage.prepare(case.given, small=case.file.stem not in {"update", "add", "remove"})
    capsys.readouterr()
    before = tree(stage.workplace)
    code = cli.run([*case.command[:1], *more, *case.command[1:]])
    stage.monkeypatch.undo()
    captured = capsys.readouterr()
    if case.code not in {"", "uv_missing"} and "created" not in f"{captured.out}{captured.err}".lower():
        assert tree(stage.workplace) == before
    # The place of a project that is updated is beside the one where commands run.
    out, err = (normalise(text, stage.workplace.parent) for text in (captured.out, captured.err))
    # Between releases the version names the tree.
    return code, re.sub(r"\+[0-9a-f]{12}\b", "", out), err


@each(CASES)
def test_text(case: Case, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(case, stage, capsys)
    lines = [f"{number}| {line}".rstrip() for number, text in ((1, out), (2, err)) for line in text.splitlines()]
    now = case.head + "".join(f"{line}\n" for line in [*lines, f"exit {code}"])
    if REWRITE:
        case.file.write_text(case.file.read_text().replace(case.text, now))
    else:
        assert now == case.text


@each([case for case in CASES if case.command and not NO_JSON & {*case.command}])
def test_json(case: Case, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The same with --json: one object that says the same, and nothing else."""
    code, out, err = run(case, stage, capsys, "--json")
    if case.code == "cannot_print":
        assert (out, code) == ("", 1)
        return
    report = json.loads(out)
    assert (err, out.count("\n")) == ("", 1)
    assert f"exit {code}\n" in case.text
    if "$schema" in report:
        assert (case.command, code) == (["questions"], 0)
        return
    assert report["ok"] is (code == 0)
    # Without uv a project is made all the same; the report says that it is not proven.
    assert report.get("error", {"code": case.code if case.code == "uv_missing" else ""})["code"] == case.code
    if "error" in report:
        assert report["error"].keys() == {"code", "message", "hint"}
        said = "".join(line[3:] + "\n" for line in case.text.splitlines() if line.startswith("2|"))
        hint = f"\nhint: {report['error']['hint']}\n" if report["error"]["hint"] else ""
        assert said.endswith(f"{report['error']['message']}\n{hint}")


def codes_in_source() -> set[str]:
    calls = [
        node
        for path in (CHECKOUT / "fastapi_scaffold").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in {"ScaffoldError", "InvalidAnswer"})
            # What the constructors of the special ones hand to theirs.
            or ast.unparse(node.func) == "super().__init__"
        )
    ]
    codes = [call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)]
    return {str(code) for code in codes}


def test_every_error_has_a_transcript() -> None:
    assert len(codes_in_source()) > 40
    assert codes_in_source() == {case.code for case in CASES if case.code}


def test_every_command_has_a_transcript_of_its_help_and_of_a_success() -> None:
    shown = next(case.text for case in CASES if case.command == ["--help"])
    for command in re.findall(r"^1\|   (\w+)  ", shown, re.MULTILINE):
        cases = [case for case in CASES if case.command[:1] == [command] and case.text.endswith("exit 0\n")]
        assert any("--help" in case.command for case in cases), command
        assert any("--help" not in case.command for case in cases), command
