"""Practices of what Compose runs."""

import re
from typing import Any

import pytest
import yaml

from tests.inspection import practices, text_of

SERVICES = yaml.safe_load(text_of("compose.yaml"))["services"].values()
PUBLIC = [service for service in SERVICES if "ports" in service and "build" in service]
GIVEN = [
    ("docker-non-root", "cap_drop", r"\['ALL'\]"),
    ("docker-non-root", "read_only", "True"),
    ("process-manager", "restart", "always|unless-stopped"),
    ("proxy-headers", "environment", r".*'FORWARDED_ALLOW_IPS': '[^*']+'.*"),
    ("settings-from-env", "env_file", r".*'path': '\.env'.*"),
    ("settings-from-env", "environment", r".*'APP_HOST': '0\.0\.0\.0', 'APP_PORT': 8000\b.*"),
]


@practices("key, value", *GIVEN)
def test_every_public_service_has_it(key: str, value: str) -> None:
    assert PUBLIC
    assert [service for service in PUBLIC if not re.fullmatch(value, str(service.get(key)))] == []


@pytest.mark.practice("server-timeouts")
def test_requests_end_before_the_process_is_killed(server_options: dict[str, Any]) -> None:
    grace = min(int(service.get("stop_grace_period", "10s").removesuffix("s")) for service in PUBLIC)
    assert 0 < server_options["timeout_graceful_shutdown"] < grace
    assert server_options["timeout_keep_alive"] > 60
