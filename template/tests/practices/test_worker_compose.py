"""Practices of the worker that Compose runs."""

from pathlib import Path

import pytest
import yaml

from app.worker import GRACEFUL_SHUTDOWN_SECONDS
from tests.inspection import text_of
from tests.workers import says_alive

practice = pytest.mark.practice
WORKER = yaml.safe_load(text_of("compose.yaml"))["services"]["worker"]


@practice("worker-graceful")
def test_jobs_end_before_the_worker_is_killed() -> None:
    assert 0 < GRACEFUL_SHUTDOWN_SECONDS < int(WORKER["stop_grace_period"].removesuffix("s"))
    assert WORKER["restart"] == "unless-stopped"


@practice("worker-health")
def test_compose_sees_whether_the_worker_lives(ages: dict[str, Path]) -> None:
    check = WORKER["healthcheck"]["test"][1:]
    assert [says_alive(check, file) for file in ages.values()] == [True, False, False]


@practice("migrations-as-release-step")
def test_migrations_end_before_the_worker_starts() -> None:
    assert WORKER["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
