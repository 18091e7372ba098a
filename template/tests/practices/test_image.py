"""Practices of the image."""

import json
import os
import re
import socket
import sys
from subprocess import Popen

import pytest
from httpx2 import AsyncClient

from tests.inspection import ROOT, practices

BUILD, IMAGE = (ROOT / "Dockerfile").read_text().rsplit("\nFROM ", 1)
LAYERS = r"^RUN .*uv sync --locked --no-install-project[\s\S]*^COPY app [\s\S]*^RUN .*uv sync --locked"
SAID = [
    ("docker-exec-form", IMAGE, r'^CMD \["(?!sh|bash|/bin|uv)', True),
    ("docker-non-root", IMAGE, r"^USER [1-9]\d*(:[1-9]\d*)?$", True),
    ("docker-small-layered", BUILD, LAYERS, True),
    ("docker-small-layered", BUILD, r"^COPY (app|\.) [\s\S]*--no-install-project", False),
    ("docker-small-layered", IMAGE, r"\b(uv|pip)\b", False),
    ("process-manager", IMAGE, r"gunicorn|supervisor", False),
    ("worker-count", IMAGE, r"--workers|WEB_CONCURRENCY", False),
]


@practices("text, words, said", *SAID)
def test_the_image_says_it_or_does_not(text: str, words: str, said: bool) -> None:
    assert bool(re.search(words, text, re.MULTILINE)) is said


@pytest.fixture
def asked() -> str:
    """Run the health check where the server listens on a port of its own; returns the path that it asks for."""
    [words] = re.findall(r"^HEALTHCHECK .* CMD (.*)", IMAGE.replace("\\\n", ""), re.MULTILINE)
    _, *arguments = json.loads(words)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        port = str(server.getsockname()[1])
        with Popen([sys.executable, *arguments], env={**os.environ, "APP_PORT": port}) as check:
            connection, _ = server.accept()
            with connection:
                path = connection.recv(1000).split()[1].decode()
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    assert check.returncode == 0
    return path


@pytest.mark.practice("docker-healthcheck")
async def test_the_health_check_asks_a_path_that_exists_at_the_port_in_use(asked: str, client: AsyncClient) -> None:
    assert (await client.get(asked)).status_code == 200
