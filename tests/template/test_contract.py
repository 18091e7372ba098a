"""Schemathesis calls each application with what its own OpenAPI document allows, and with what it forbids."""

from pathlib import Path

import pytest

from tests.template.applications import running
from tests.template.combinations import APPLICATIONS, label
from tests.template.projects import render_project, succeed

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "unsupported_method",
    "missing_required_header",
]


@pytest.mark.parametrize("answers", APPLICATIONS, ids=label)
@pytest.mark.usefixtures("servers")
def test_contract(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    python = environment / "python"
    migrate = [environment / "alembic", "upgrade", "head"] if (project / "migrations").exists() else []
    # Documented as in production, for the name of a cookie depends on it.
    application = running(
        project,
        answers,
        python,
        directory=project,
        command=[python, "-m", "app"],
        migrate=migrate,
        APP_ENVIRONMENT="staging",
    )
    with application as (url, headers):
        command = ["run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "-n", "25", "--seed", "1"]
        command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        succeed(tmp_path, environment / "st", *command, "--exclude-operation-id-regex", "logout")
        if (project / "app/users").exists():  # what signs the caller out comes last
            succeed(tmp_path, environment / "st", *command, "--include-operation-id-regex", "logout")
