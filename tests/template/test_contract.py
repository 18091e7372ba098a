"""Schemathesis calls each application with what its own OpenAPI document allows, and with what it forbids."""

from pathlib import Path

import pytest

from tests.template.combinations import APPLICATIONS, label
from tests.template.projects import render_project, succeed
from tests.template.serving import issuing, serving, settings_for, sign_in

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
def test_contract(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    if (project / "migrations").exists():
        succeed(project, environment / "alembic", "upgrade", "head", **settings_for(project))
    settings = settings_for(project, APP_ENVIRONMENT="development")
    python = environment / "python"
    with issuing(project, python, settings) as token, serving(project, [python, "-m", "app"], settings) as url:
        headers = ["-H", f"Authorization: Bearer {token}"] if token else []
        if (project / "app/users").exists():
            headers = ["-H", f"Authorization: Bearer {sign_in(url)}"]
            # An administrator reaches every operation.
            succeed(project, python, "-m", "app.users.grant", "ada@example.com", "admin", **settings)
        command = ["run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "-n", "25", "--seed", "1", *headers]
        succeed(tmp_path, environment / "st", *command)
