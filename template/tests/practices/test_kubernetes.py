"""Practices of the manifests."""

from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient

from tests.inspection import ROOT, text_of

practice = pytest.mark.practice
BASE = ROOT / "deploy/base"
OBJECTS = [one for path in BASE.glob("*.yaml") for one in yaml.safe_load_all(text_of(path))]
WORKLOADS = [one["spec"] for one in OBJECTS if one["kind"] in {"CronJob", "Deployment", "Job", "StatefulSet"}]
[DEPLOYMENT] = [one["spec"] for one in OBJECTS if one["kind"] == "Deployment" and one["metadata"]["name"] == "api"]
POD = DEPLOYMENT["template"]["spec"]
[SERVER] = POD["containers"]
SETTINGS = dict(line.split("=") for line in text_of(BASE / "settings.env").splitlines() if "=" in line)


def spec(kind: str) -> dict[str, Any]:
    [found] = [one["spec"] for one in OBJECTS if one["kind"] == kind]
    return dict(found)


@practice("kubernetes-probes")
async def test_probes_ask_paths_that_exist_and_restart_for_liveness_alone(client: AsyncClient) -> None:
    probes = [SERVER[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    assert [(await client.get(probe["path"])).status_code for probe in probes] == [200, 200, 200]
    assert [probe["path"] for probe in probes] == ["/health", "/health", "/health/ready"]
    ports = {port["name"]: port["containerPort"] for port in SERVER["ports"]}
    assert {ports[probe["port"]] for probe in probes} == {8000}


@practice("kubernetes-restricted-pods")
@pytest.mark.parametrize("pod", [workload["template"]["spec"] for workload in WORKLOADS])
def test_pods_may_do_nothing_but_their_work(pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    # Links to Services are variables, and would be read as settings.
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    for container in pod["containers"] + pod.get("initContainers", []):
        context = container["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@practice("kubernetes-availability")
def test_updates_and_drained_nodes_leave_pods_that_serve() -> None:
    budget, scaler = spec("PodDisruptionBudget"), spec("HorizontalPodAutoscaler")
    assert budget["selector"]["matchLabels"].items() <= DEPLOYMENT["template"]["metadata"]["labels"].items()
    assert budget["maxUnavailable"] == 1
    assert 1 < scaler["minReplicas"] < scaler["maxReplicas"]
    assert "replicas" not in DEPLOYMENT, "each release would undo what the autoscaler did"
    assert DEPLOYMENT["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert POD["topologySpreadConstraints"]


@practice("process-manager")
@practice("worker-count")
def test_a_pod_is_one_process_that_the_cluster_restarts() -> None:
    assert POD.get("restartPolicy", "Always") == "Always"
    assert "command" not in SERVER
    assert "WEB_CONCURRENCY" not in str(SERVER) + str(SETTINGS)


@practice("proxy-headers")
def test_only_the_ingress_is_believed_and_let_in() -> None:
    assert "*" not in SETTINGS["FORWARDED_ALLOW_IPS"]
    assert all(rule["from"] for rule in spec("NetworkPolicy")["ingress"])


@practice("server-timeouts")
def test_requests_end_before_the_pod_is_killed(server_options: dict[str, Any]) -> None:
    wait = SERVER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert 0 < wait < wait + server_options["timeout_graceful_shutdown"] < POD["terminationGracePeriodSeconds"]
    assert server_options["timeout_keep_alive"] > 60
