"""Start a generated application as its users do, and talk to it."""

import json
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.template.projects import clean_environment

AUDIENCE = "my-api"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def settings_for(project: Path, database_url: str, cache_url: str = "", **more: str) -> dict[str, str]:
    """Return the variables that the project needs, whichever way its settings are arranged."""
    delimiter = "__" if "APP_HTTP__CORS_ORIGINS" in (project / ".env.example").read_text() else "_"
    return {
        f"APP_DATABASE{delimiter}URL": database_url,
        f"APP_CACHE{delimiter}URL": cache_url,
        f"APP_CACHE{delimiter}REQUESTS": "1000000/minute",
        f"APP_AUTH{delimiter}SECRET_KEY": "0123456789abcdef" * 3,
        f"APP_SECOND_FACTOR{delimiter}KEY": "0123456789abcdef" * 3,
        f"APP_AUTH{delimiter}ATTEMPTS": "100000/minute",
        f"APP_AUTH{delimiter}ISSUER": f"http://127.0.0.1:{free_port()}",
        f"APP_AUTH{delimiter}AUDIENCE": AUDIENCE,
        f"APP_AUTH{delimiter}KEYS": ",",
        "APP_PORT": str(free_port()),
        f"APP_MAIL{delimiter}HOST": "127.0.0.1",
        f"APP_MAIL{delimiter}SENDER": "My API <noreply@example.com>",
        f"APP_MAIL{delimiter}LINK": "https://app.example.com/account",
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
    url: str,
    method: str,
    path: str,
    body: object = None,
    *,
    form: bool = False,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Send a request; returns the status and the JSON of the answer, if it has any."""
    status, _, content = send(url, method, path, body, form=form, headers=headers)
    return status, content


def send(
    url: str, method: str, path: str, body: object, *, form: bool = False, headers: Mapping[str, str] | None = None
) -> tuple[int, Message, Any]:
    """Send a request; returns the status, the headers and the JSON of the answer."""
    sent, data = dict(headers or {}), None
    if form and isinstance(body, dict):
        data = urlencode(body).encode()
    elif body is not None:
        data = json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
    try:
        with urlopen(Request(url + path, data, sent, method=method), timeout=10) as response:
            status, received, text = response.status, response.headers, response.read()
    except HTTPError as error:
        status, received, text = error.code, error.headers, error.read()
    return status, received, json.loads(text) if text and received.get_content_type().endswith("json") else None
