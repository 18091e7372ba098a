"""Practices of the image."""

import json
import re
from unittest.mock import patch

import pytest
from httpx2 import AsyncClient

from tests.inspection import practices, text_of

BUILD, IMAGE = text_of("Dockerfile").rsplit("\nFROM ", 1)
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


@pytest.mark.practice("docker-healthcheck")
async def test_the_health_check_asks_a_path_that_exists_at_the_port_in_use(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    [words] = re.findall(r"^HEALTHCHECK .* CMD (.*)", IMAGE.replace("\\\n", ""), re.MULTILINE)
    monkeypatch.setenv("APP_PORT", "9000")
    with patch("urllib.request.urlopen") as asked:
        exec(json.loads(words)[2])  # noqa: S102
    url = asked.call_args.args[0]
    assert url.startswith("http://127.0.0.1:9000/")
    assert (await client.get(url)).status_code == 200
