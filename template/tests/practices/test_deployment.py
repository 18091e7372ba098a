"""Practices of the image and of what runs it."""

import re
from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient

from tests.inspection import ROOT, rows

practice = pytest.mark.practice
BUILD, IMAGE = (ROOT / "Dockerfile").read_text().rsplit("\nFROM ", 1)
SERVER = (ROOT / "app" / "__main__.py").read_text()
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
PUBLIC = [service for service in SERVICES if "ports" in service and "build" in service]
LAYERS = r"^RUN .*uv sync --locked --no-install-project[\s\S]*^COPY app [\s\S]*^RUN .*uv sync --locked"
SAID = [
    ("docker-exec-form", IMAGE, r'^CMD \["(?!sh|bash|/bin|uv)', True),
    ("docker-non-root", IMAGE, r"^USER [1-9]\d*(:[1-9]\d*)?$", True),
    ("docker-small-layered", BUILD, LAYERS, True),
    ("docker-small-layered", BUILD, r"^COPY (app|\.) [\s\S]*--no-install-project", False),
    ("docker-small-layered", IMAGE, r"\b(uv|pip)\b", False),
    ("process-manager", IMAGE, r"gunicorn|supervisor", False),
    ("proxy-headers", SERVER, r"proxy_headers=|forwarded_allow_ips=", False),
    ("worker-count", IMAGE, r"--workers|WEB_CONCURRENCY", False),
    ("worker-count", SERVER, r"\bworkers=", False),
]
GIVEN = [
    ("docker-non-root", "cap_drop", r"\['ALL'\]"),
    ("docker-non-root", "read_only", "True"),
    ("process-manager", "restart", "always|unless-stopped"),
    ("proxy-headers", "environment", r".*'FORWARDED_ALLOW_IPS': '[^*']+'.*"),
]


@pytest.mark.parametrize(("text", "words", "said"), rows(SAID))
def test_the_files_say_it_or_do_not(text: str, words: str, said: bool) -> None:
    assert bool(re.search(words, text, re.MULTILINE)) is said


@pytest.mark.parametrize(("key", "value"), rows(GIVEN))
def test_every_public_service_has_it(key: str, value: str) -> None:
    assert PUBLIC
    assert [service for service in PUBLIC if not re.fullmatch(value, str(service.get(key)))] == []


@practice("server-timeouts")
def test_requests_end_before_the_process_is_killed(server_options: dict[str, Any]) -> None:
    grace = min(int(service.get("stop_grace_period", "10s").removesuffix("s")) for service in PUBLIC)
    assert 0 < server_options["timeout_graceful_shutdown"] < grace
    assert server_options["timeout_keep_alive"] > 60


@practice("docker-healthcheck")
async def test_the_health_check_asks_a_path_that_exists(client: AsyncClient) -> None:
    [path] = re.findall(r"^HEALTHCHECK[\s\S]*\"python\".*http://127\.0\.0\.1:8000(/[\w/]*)", IMAGE, re.MULTILINE)
    assert (await client.get(path)).status_code == 200
