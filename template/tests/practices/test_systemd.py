"""Practices of the unit and of the proxy in front of it."""

import re
from typing import Any

import pytest

from app.core.problems import Problem
from tests.inspection import text_of

practice = pytest.mark.practice
UNIT = dict(re.findall(r"^(\w+)=(.*)$", text_of("deploy/app.service"), re.MULTILINE))
PROXY = text_of("deploy/nginx.conf")
SANDBOX = """
    DynamicUser LockPersonality MemoryDenyWriteExecute NoNewPrivileges PrivateDevices PrivateTmp ProtectClock
    ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
    RestrictNamespaces RestrictRealtime RestrictSUIDSGID
"""


@practice("systemd-sandbox")
def test_the_service_may_do_nothing_but_its_work() -> None:
    assert [name for name in SANDBOX.split() if UNIT.get(name) != "yes"] == []
    assert UNIT["ProtectSystem"] == "strict"
    assert UNIT["CapabilityBoundingSet"] == ""
    assert UNIT["SystemCallFilter"].startswith("~@privileged")
    assert UNIT["RestrictAddressFamilies"] == "AF_INET AF_INET6 AF_UNIX"


@practice("process-manager")
@practice("worker-count")
def test_systemd_restarts_one_process_and_knows_when_it_runs() -> None:
    assert (UNIT["Type"], UNIT["Restart"]) == ("exec", "always")
    assert UNIT["ExecStart"].endswith("/.venv/bin/python -m app")


@practice("proxy-headers")
def test_clients_cannot_forge_what_the_proxy_says_of_them() -> None:
    assert "FORWARDED_ALLOW_IPS" not in UNIT.get("Environment", "")
    assert re.search(r"server 127\.0\.0\.1:8000;", PROXY), "the application believes the loopback by itself"
    assert set(re.findall(r"X-Forwarded-For (\S+);", PROXY)) == {"$remote_addr"}
    assert set(re.findall(r"X-Forwarded-Proto (\S+);", PROXY)) == {"$scheme"}


@practice("error-shape-uniform")
def test_what_the_proxy_refuses_is_a_problem() -> None:
    [document] = re.findall(r"default_type application/problem\+json;\n +return 200 '(.*)';", PROXY)
    named = dict(re.findall(r"^ +(\d+|default) '(.*)';", PROXY, re.MULTILINE))
    assert named.keys() - {"431", "default"} < set(" ".join(re.findall("error_page (.*) /problem;", PROXY)).split())
    for status, names in named.items():
        filled = document.replace("$problem", names).replace("$status", status.replace("default", "500"))
        assert re.fullmatch("[a-z_]+", Problem.model_validate_json(filled, extra="forbid").code)


@practice("server-timeouts")
def test_requests_end_before_the_process_is_killed(server_options: dict[str, Any]) -> None:
    assert 0 < server_options["timeout_graceful_shutdown"] < int(UNIT["TimeoutStopSec"])
    [idle] = re.findall(r"keepalive_timeout (\d+)s;", PROXY)
    assert int(idle) < server_options["timeout_keep_alive"]


@practice("locked-dependencies")
def test_the_release_installs_what_is_locked() -> None:
    assert re.search(r"uv sync --locked --no-dev .*&&\n", text_of("README.md"))
