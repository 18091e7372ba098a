"""Practices of the worker that the cluster runs."""

import re
from pathlib import Path

import pytest
import yaml

from app.worker import GRACEFUL_SHUTDOWN_SECONDS
from tests.inspection import text_of
from tests.workers import says_alive

practice = pytest.mark.practice
WORKER = yaml.safe_load(text_of("deploy/base/worker.yaml"))["spec"]["template"]
POD = WORKER["spec"]
[CONTAINER] = POD["containers"]


@practice("worker-graceful")
def test_jobs_end_before_the_pod_is_killed() -> None:
    assert 0 < GRACEFUL_SHUTDOWN_SECONDS < POD["terminationGracePeriodSeconds"]


@practice("worker-health")
def test_the_cluster_sees_whether_the_worker_lives(ages: dict[str, Path]) -> None:
    check = CONTAINER["livenessProbe"]["exec"]["command"]
    assert [says_alive(check, file) for file in ages.values()] == [True, False, False]


@practice("migrations-as-release-step")
def test_migrations_end_before_the_worker_is_updated() -> None:
    [first, _] = re.findall(r"^kubectl apply .*", text_of("README.md"), re.MULTILINE)
    [name] = WORKER["metadata"]["labels"].values()
    assert f"app.kubernetes.io/component!={name}" in first
