"""Practices of the worker that systemd runs."""

import re

import pytest

from app.worker import GRACEFUL_SHUTDOWN_SECONDS
from tests.inspection import text_of

practice = pytest.mark.practice
UNITS = [text_of(f"deploy/{name}.service") for name in ("app", "worker")]
UNIT = dict(re.findall(r"^(\w+)=(.*)$", UNITS[1], re.MULTILINE))


@practice("systemd-sandbox")
def test_the_worker_may_do_no_more_than_the_application() -> None:
    assert [unit.partition("UMask")[2] for unit in UNITS] == [UNITS[0].partition("UMask")[2]] * 2
    assert UNIT["DynamicUser"] == "yes"


@practice("worker-graceful")
def test_jobs_end_before_the_worker_is_killed() -> None:
    assert 0 < GRACEFUL_SHUTDOWN_SECONDS < int(UNIT["TimeoutStopSec"])
    assert UNIT["KillMode"] == "mixed", "a process that computes for a job ends with the worker, not before"
    assert UNIT["Restart"] == "always"


@practice("migrations-as-release-step")
def test_migrations_end_before_the_worker_starts() -> None:
    [name] = re.findall(r"deploy/app.service /etc/systemd/system/(\S+)", text_of("README.md"))
    assert name in UNIT["After"].split()
