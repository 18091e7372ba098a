"""The names that business software has: nearly all are accepted, and what is accepted works."""

import re
import tomllib
from itertools import cycle, islice
from pathlib import Path

import pytest

from fastapi_scaffold.answers import complete
from fastapi_scaffold.errors import InvalidAnswer
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import VALID, Answers, label
from tests.template.projects import render_project, succeed
from tests.template.test_resources import KINDS

QUESTIONNAIRE = load_questionnaire(template_root())
LISTS = Path(__file__).parent / "names"
RESOURCES = (LISTS / "resources.txt").read_text().split()
FIELDS = (LISTS / "fields.txt").read_text().split()
RESOURCE, FIELD = "{} label:str", "thing {}"


def refusal(resources: str) -> str:
    """Return why these resources are refused, or nothing."""
    answers = {"project_name": "api", "database": "sqlite", "auth": "jwt", "resources": resources}
    try:
        complete(QUESTIONNAIRE, answers)
    except InvalidAnswer as error:
        return error.message
    return ""


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


def project_of(number: int) -> str:
    """Return resources that have a part of the names, and each name of a field at least once."""
    names = accepted(RESOURCES, RESOURCE)[number :: len(KINDS)]
    fields = accepted(FIELDS, FIELD)
    share = -(-len(fields) // len(names))
    # In every project a field is in another resource, as far as that is possible.
    drawn = islice(cycle(fields), number * share, None)
    return "; ".join(" ".join([name, *dict.fromkeys(islice(drawn, share))]) for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(KINDS)), ids=lambda number: label(KINDS[number]))
def test_what_is_accepted_works(number: int, tmp_path: Path, environment: Path, mariadb: str) -> None:
    answers: Answers = KINDS[number] | {"resources": project_of(number)}
    if mariadb and answers["database"] == "mysql":
        pytest.skip(mariadb)
    # Plurals are written down by the program.
    answers["resources"] = complete(QUESTIONNAIRE, {"project_name": "api"} | answers)["resources"]
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    beside = [f"--ignore=tests/{name}" for name in ("auth", "items", "practices", "users")]
    succeed(project, environment / "python", "-m", "pytest", "-q", *beside)


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
