"""The names that business software has: nearly all are accepted, and what is accepted works."""

import re
import tomllib
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import VALID, Answers, label
from tests.template.projects import PROGRAM, ROOT, new_project, render_project, succeed
from tests.template.test_resources import KINDS, refusal

QUESTIONNAIRE = load_questionnaire(template_root())
LISTS = Path(__file__).parent / "names"
RESOURCES = (LISTS / "resources.txt").read_text().split()
FIELDS = (LISTS / "fields.txt").read_text().split()
RESOURCE, FIELD = "{} label:str", "thing {}"


def accepted(words: list[str], form: str) -> list[str]:
    return [word for word in words if not refusal(form.format(word))]


@pytest.mark.parametrize(("words", "form"), [(RESOURCES, RESOURCE), (FIELDS, FIELD)], ids=["resources", "fields"])
def test_nearly_all_are_accepted_and_for_the_others_there_is_another_name(words: list[str], form: str) -> None:
    assert len(words) == len(set(words)) >= 300
    refused = {word: reason for word in words if (reason := refusal(form.format(word)))}
    assert len(refused) <= len(words) * 0.05, refused
    for word, reason in refused.items():
        proposed = re.search(r"Try (\S+)\.$", reason)
        assert proposed, reason
        assert refusal(form.format(proposed[1])) == "", (word, proposed[1])


# Each name with a field or two, in a dozen projects of every kind in turn.
WORDS = [[name, *FIELDS[number :: len(RESOURCES)]] for number, name in enumerate(RESOURCES)]
# Each is two minutes.
PARTS = [
    pytest.param(KINDS[number % len(KINDS)], WORDS[number::12], id=f"{label(KINDS[number % len(KINDS)])}-{number}")
    for number in range(12)
]


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "words"), PARTS)
@pytest.mark.usefixtures("servers")
def test_what_add_accepts_is_proven(
    answers: Answers, words: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "my-api"
    new_project(project, answers, "--no-verify")
    for name, *fields in words:
        if refusal(RESOURCE.format(name)):
            continue
        word = [name, *accepted(fields, FIELD)]
        word += ["label:str"] if len(word) == 1 else []
        # In this process: to start another one takes as long as what it does.
        code = cli.run(["add", *word, "--no-verify", "--quiet", "--project", str(project)])
        assert (code, capsys.readouterr().err) == (0, ""), word
        succeed(project, "git", "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--all", "-m", name)
    succeed(project, *PROGRAM, "verify", PYTHONPATH=str(ROOT))


def test_no_project_is_called_like_a_package_that_it_installs(tmp_path: Path) -> None:
    project = render_project(tmp_path / "everything", VALID[0], project_name="Everything")
    rows = [row for choices in QUESTIONNAIRE.tables["catalogue"].values() for row in choices.values()]
    packages = [name for row in rows for name in (*row.get("dependencies", ()), *row.get("test_dependencies", ()))]
    succeed(project, "uv", "add", "--quiet", "--no-sync", *packages, "pydantic[email]")
    installed = {package["name"] for package in tomllib.loads((project / "uv.lock").read_text())["package"]}
    assert installed - {"everything"} - set(QUESTIONNAIRE.tables["reserved_names"]) == set()
    for name in ("rich", "H11", "typing_extensions", "Markdown it py"):
        with pytest.raises(InvalidAnswer, match="depends on a package of this name"):
            complete(QUESTIONNAIRE, {"project_name": name})
