"""Schemathesis calls each application with what its own OpenAPI document allows, and with what it forbids."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.template.combinations import APPLICATIONS, label
from tests.template.projects import render_project, succeed
from tests.template.servers import database_for
from tests.template.serving import serving, settings_for, sign_in

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
    with ExitStack() as stack:
        address = stack.enter_context(database_for(project, answers["database"], python))
        settings = settings_for(project, address, APP_ENVIRONMENT="development")
        if (project / "migrations").exists():
            succeed(project, environment / "alembic", "upgrade", "head", **settings)
        url = stack.enter_context(serving(project, [python, "-m", "app"], settings))
        headers = []
        if (project / "app/users").exists():
            headers = ["-H", f"Authorization: Bearer {sign_in(url)}"]
            # An administrator reaches every operation.
            succeed(project, python, "-m", "app.users.grant", "ada@example.com", "admin", **settings)
        command = ["run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "-n", "25", "--seed", "1", *headers]
        succeed(tmp_path, environment / "st", *command)
