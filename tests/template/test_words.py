"""The words of business software, as people give them to `add`: what it accepts is proven."""

import sys
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from tests.template.combinations import Answers, label
from tests.template.projects import run_in, succeed
from tests.template.test_projects import ROOT
from tests.template.test_resources import KINDS, accepted

NAMES, FIELDS = (Path(__file__).parent.joinpath("names", f"{of}.txt").read_text().split() for of in ("resources", "fields"))
PROGRAM = [sys.executable, "-m", "fastapi_scaffold"]
# Each resource with one field or two.
WORDS = [(name, FIELDS[number :: len(NAMES)]) for number, name in enumerate(NAMES)]
# So many projects, of every kind of application in turn.
PARTS = [(KINDS[number % len(KINDS)], WORDS[number::12]) for number in range(12)]


@pytest.mark.parametrize(("answers", "words"), PARTS, ids=[f"{label(part[0])}-{part[1][0][0]}" for part in PARTS])
@pytest.mark.usefixtures("servers")
def test_what_add_accepts_is_proven(
    answers: Answers, words: list[tuple[str, list[str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "my-api"
    options = [word for name, value in answers.items() for word in (f"--{name}", value)]
    run_in(tmp_path, *PROGRAM, "new", project, "--defaults", "--no-config", "--no-verify", *options, PYTHONPATH=str(ROOT))
    place = answers["database"], answers["auth"]
    for name, fields in words:
        if not accepted(f"{name} x:int", *place):
            continue
        possible = [field for field in fields if accepted(f"thing {field}", *place)] or ["x:int"]
        # In this process: to start another one takes as long as what it does.
        code = cli.run(["add", name, *possible, "--no-verify", "--quiet", "--project", str(project)])
        assert (code, capsys.readouterr().err) == (0, ""), (name, possible)
        succeed(project, "git", "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--all", "--message", name)
    report = run_in(project, *PROGRAM, "verify", PYTHONPATH=str(ROOT))
    assert report.returncode == 0, report.stdout
