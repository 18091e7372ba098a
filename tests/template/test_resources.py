"""Resources that a user asks for: every type of field, names of every length, and what is refused."""

import ast
import builtins
import keyword
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.answers import complete
from fastapi_scaffold.errors import InvalidAnswer
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import APPLICATIONS, Answers, label
from tests.template.projects import files_of, render_project, run_in, succeed
from tests.template.test_projects import MYPY_CONFIG, practices_of, proven_practices

QUESTIONNAIRE = load_questionnaire(template_root())
TYPES = QUESTIONNAIRE.tables["types"]
REFERRING = " shelf:ref:shelf item:ref:item:optional"
EVERYTHING = f"""shelf name:str:unique;
    archived_thing number:int:unique code_name:str:unique:optional notes:text:optional weight:decimal price:money:optional
    {REFERRING} ready:bool made_date:date worn_date:date:optional:after=made_date serial:uuid:optional contact_email:email
    site_url:url kind:enum:big,small,tiny extra:json:optional seen_at:datetime""".replace("\n", " ")
ALONE = {"deployment": "none", "ci": "none"}


def application(database: str, auth: str, configuration: str = "by_domain") -> Answers:
    """Return answers with resources: with all types of fields, but for references where nothing keeps them whole."""
    resources = EVERYTHING if database != "none" else EVERYTHING.replace(REFERRING, "")
    return {"database": database, "auth": auth, "settings": configuration, **ALONE, "resources": resources}


# Each database, and each way to sign in.
SPREAD = [
    application("sqlite", "jwt"),
    application("postgresql", "session", "single"),
    application("mysql", "api_key"),
    application("none", "oidc", "single"),
    application("none", "none"),
]


def test_every_type_is_tried() -> None:
    words = EVERYTHING.split()
    assert {word.split(":")[1] for word in words if ":" in word} == TYPES.keys()
    bare = [{name: value for name, value in answers.items() if name != "resources"} for answers in SPREAD]
    assert [answers for answers in bare if answers not in APPLICATIONS] == []


@pytest.mark.parametrize("answers", SPREAD, ids=label)
@pytest.mark.usefixtures("servers")
def test_a_project_with_resources_is_proven(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    succeed(project, environment / "lint-imports", PYTHONPATH=".")
    succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "app", "tests")
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", "--cov", f"--junitxml={junit}")
    assert proven_practices(junit) == practices_of(answers)


MUTATIONS = [
    ("app/archived_things/service.py", "await self.check_references(new)\n", "pass\n"),
    ("app/archived_things/service.py", "await self.check_references(changes)\n", "pass\n"),
    ("app/archived_things/service.py", "            raise InvalidPeriod\n", "            pass\n"),
    ("app/archived_things/repository.py", "Thing.owner_id == self.owner_id", "Thing.owner_id != self.owner_id"),
    ("app/archived_things/router.py", "responses=documented(404, 409)", "responses=documented(404)"),
    ("app/shelves/router.py", "responses=documented(404, 409)", "responses=documented(404)"),
    ("app/archived_things/schemas.py", "site_url: str\n", "site: str = ''\n"),
]


def legal(word: str) -> bool:
    return bool(re.fullmatch("[a-z]+(_[a-z]+)*", word)) and len(word) <= 20


def accepted(resources: str, database: str = "sqlite", auth: str = "jwt") -> bool:
    answers = {"project_name": "api", "database": database, "auth": auth, "resources": resources}
    try:
        complete(QUESTIONNAIRE, answers)
    except InvalidAnswer:
        return False
    return True


def identifiers(project: Path) -> set[str]:
    """Return the names in the code that is made for resources, those of modules, and the words of Python."""
    python = [path for path in files_of(project) if path.suffix == ".py"]
    beside = {Path("app/api.py"), Path("app/main.py"), Path("tests/conftest.py")}
    made = [path for path in python if "archived_things" in str(path) or path.relative_to(project) in beside]
    trees = [node for path in made for node in ast.walk(ast.parse(path.read_text()))]
    names = {node.id for node in trees if isinstance(node, ast.Name)}
    names |= {node.arg for node in trees if isinstance(node, ast.arg)}
    names |= {node.attr for node in trees if isinstance(node, ast.Attribute)}
    names |= {alias.asname or alias.name for node in trees if isinstance(node, ast.ImportFrom) for alias in node.names}
    names |= {path.stem for path in python} | {path.parent.name for path in python}
    names |= {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    snake = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in names}
    return set(filter(legal, snake | {name.removesuffix("s") for name in snake}))


@pytest.mark.parametrize("answers", [application("sqlite", "jwt"), application("none", "oidc")], ids=label)
def test_no_name_that_is_accepted_meets_another(answers: Answers, tmp_path: Path, environment: Path) -> None:
    words = sorted(identifiers(render_project(tmp_path / "alone", answers)))
    place = answers["database"], answers["auth"]
    names = [word for word in words if accepted(f"{word} name:str", *place)]
    fields = [word for word in words if accepted(f"thing {word}:str", *place)]
    assert len(names) > 20
    assert len(fields) > 20
    resources = [f"{name} label:str:unique" for name in names] + ["thing " + " ".join(f"{name}:str" for name in fields)]
    for start in range(0, len(resources), 100):
        given = answers | {"resources": ";".join(resources[start : start + 100])}
        project = render_project(tmp_path / f"part-{start}", given)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")
        succeed(project, environment / "ty", "check", "--python", environment.parent)
        succeed(project, environment / "python", "-m", "pytest", "-q", "-x", "-k", "read_and_list or decimal or practices")
