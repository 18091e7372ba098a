"""Start a generated application as its users do, and talk to it."""

import json
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.template.projects import clean_environment

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def settings_for(project: Path, database_url: str, **more: str) -> dict[str, str]:
    """Return the variables that the project needs, whichever way its settings are arranged."""
    delimiter = "__" if "APP_HTTP__CORS_ORIGINS" in (project / ".env.example").read_text() else "_"
    return {
        f"APP_DATABASE{delimiter}URL": database_url,
        f"APP_AUTH{delimiter}SECRET_KEY": "s" * 48,
        f"APP_AUTH{delimiter}ATTEMPTS": "100000/minute",
        "APP_PORT": str(free_port()),
        **more,
    }


@contextmanager
def serving(directory: Path, command: Sequence[str | Path], settings: Mapping[str, str]) -> Generator[str]:
    """Run the command, and return the address of what it serves; on SIGTERM it must drain and exit with 0."""
    port = next(value for name, value in settings.items() if name.endswith("PORT"))
    url = f"http://127.0.0.1:{port}"
    log = directory / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=directory, env=clean_environment(**settings), stdout=output, stderr=output
        )
        try:
            wait_until_ready(url, server, log)
            yield url
        finally:
            server.terminate()
            code = server.wait(timeout=30)
    assert code == 0, log.read_text()[-3000:]


def wait_until_ready(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the server can serve; fail if it stops or takes too long."""
    for _ in range(200):
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            if call(url, "GET", "/health/ready")[0] == 200:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.1)
    pytest.fail(f"the server does not answer: {log.read_text()[-3000:]}")


def call(
    url: str, method: str, path: str, body: object = None, *, form: bool = False, token: str = ""
) -> tuple[int, Any]:
    """Send a request; returns the status and the JSON of the answer, if it has any."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if form and isinstance(body, dict):
        data = urlencode(body).encode()
    elif body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    try:
        with urlopen(Request(url + path, data, headers, method=method), timeout=10) as response:
            status, text, kind = response.status, response.read(), response.headers.get_content_type()
    except HTTPError as error:
        status, text, kind = error.code, error.read(), error.headers.get_content_type()
    return status, json.loads(text) if text and kind.endswith("json") else None


def sign_in(url: str) -> str:
    """Register an account unless it exists, and return an access token."""
    call(url, "POST", "/api/v1/users", ACCOUNT)
    form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
    status, answer = call(url, "POST", "/api/v1/auth/token", form, form=True)
    assert status == 200, answer
    token: str = answer["access_token"]
    return token
