"""Schemathesis calls each application with what its own OpenAPI document allows, and with what it forbids."""

from pathlib import Path

import pytest

from tests.template.applications import production
from tests.template.combinations import EACH, RICHEST, VISIBLE, Answers, few, label
from tests.template.projects import render_project, succeed
from tests.template.serving import serving
from tests.template.test_resources import SPREAD

# All checks but this one: a schema cannot say that one member is less than another (JSON Schema 2020-12 has no keyword
# for it), or that a password is none of a list, and so does not promise that what it allows is accepted.
BUT = ["--exclude-checks", "positive_data_acceptance"]
CALLED = [*VISIBLE, *EACH, *SPREAD[:1], RICHEST]
# The default project's, and one without a database.
ALWAYS = {"sqlite-jwt-by_domain-none-none", "none-oidc-by_domain-none-none"}
# Some databases and ways to sign in, one with resources, and one with all extras.
SOME = [*few(VISIBLE)[:3], *SPREAD[:1], RICHEST]


def lane(answers: Answers) -> tuple[pytest.MarkDecorator, ...]:
    """Return the mark of these answers' lane, if it is not the default one."""
    return () if label(answers) in ALWAYS else (pytest.mark.whole if answers in SOME else pytest.mark.slow,)


LANES = [pytest.param(one, id=label(one), marks=lane(one)) for one in CALLED]


@pytest.mark.parametrize("answers", LANES)
@pytest.mark.usefixtures("servers")
def test_contract(answers: Answers, tmp_path: Path, environment: Path, schemathesis: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    with production(project, answers, environment) as (settings, sign_in):
        # Documented as in production, for the name of a cookie depends on it.
        settings["APP_ENVIRONMENT"] = "staging"
        if (project / "migrations").exists():
            succeed(project, environment / "alembic", "upgrade", "head", **settings)
        with serving(project, [environment / "python", "-m", "app"], settings) as url:
            headers = [part for name, value in sign_in(url).items() for part in ("-H", f"{name}: {value}")]
            command = ["run", f"{url}/openapi.json", "-n", "25", "--seed", "1", *BUT, *headers]
            succeed(tmp_path, schemathesis, *command, "--exclude-operation-id-regex", "logout")
            if (project / "app/users").exists():  # what signs the caller out comes last
                succeed(tmp_path, schemathesis, *command, "--include-operation-id-regex", "logout")
