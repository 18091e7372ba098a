"""Schemathesis calls each application with what its own OpenAPI document allows, and with what it forbids."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import json

import pytest
from combinations import APPLICATIONS, label
from conftest import clean_environment, render_project, succeed

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


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(project: Path, python: Path, **variables: str) -> Iterator[str]:
    """Serve the project as its image does, and return its address; it must end with 0 on SIGTERM."""
    port = free_port()
    environment = clean_environment(**variables)
    for delimiter in ("_", "__"):
        environment |= {
            f"APP_HTTP{delimiter}PORT": str(port),
            f"APP_DATABASE{delimiter}URL": f"sqlite+aiosqlite:///{project}/served.db",
            f"APP_AUTH{delimiter}SECRET_KEY": "s" * 48,
            f"APP_AUTH{delimiter}ATTEMPTS": "100000/minute",
        }
    if (project / "migrations").exists():
        succeed(project, python.parent / "alembic", "upgrade", "head", **environment)
    with (project / "server.log").open("w") as log:
        server = subprocess.Popen([python, "-m", "app"], cwd=project, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_healthy(url, server)
            yield url
        finally:
            server.terminate()
            code = server.wait(timeout=30)
    assert code == 0, (project / "server.log").read_text()[-3000:]


def wait_until_healthy(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers; fail if it stops or takes too long."""
    for _ in range(150):
        assert server.poll() is None, "the server stopped"
        try:
            with urlopen(f"{url}/health/ready", timeout=2):  # noqa: S310
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
    pytest.fail("the server does not answer")


def sign_in(url: str) -> str:
    """Register an account and return an access token."""
    account = {"email": "ada@example.com", "password": "correct horse battery"}
    body = json.dumps(account).encode()
    with urlopen(Request(f"{url}/api/v1/users", body, {"Content-Type": "application/json"})):  # noqa: S310
        pass
    form = urlencode({"username": account["email"], "password": account["password"]}).encode()
    with urlopen(f"{url}/api/v1/auth/token", form) as response:  # noqa: S310
        token: str = json.load(response)["access_token"]
        return token


@pytest.mark.parametrize("answers", APPLICATIONS, ids=label)
def test_contract(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    with serving(project, environment / "python", APP_ENVIRONMENT="development") as url:
        headers = []
        if (project / "app/auth").exists():
            headers = ["-H", f"Authorization: Bearer {sign_in(url)}"]
        command = ["run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "-n", "25", "--seed", "1", *headers]
        succeed(tmp_path, environment / "st", *command)
