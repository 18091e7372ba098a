"""Practices of what an application measures, on a receiver that gets it."""

import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from app import DISTRIBUTION
from app.__main__ import GRACEFUL_SHUTDOWN_SECONDS
from app.core.schemas import InputSchema
from app.telemetry import export
from tests.conftest import Run, variables
from tests.inspection import ROOT, url_of
from tests.telemetry import SERVER, Measured, Receiver, attributes_of

practice = pytest.mark.practice
URL = "/nothing"
TRACE = uuid4().hex
SAMPLED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
# Whatever waits for the exporters, which get more time here, takes longer than a busy machine.
ENOUGH = 20


@practice("metrics-traces")
@practice("telemetry-flushed")
async def test_each_request_has_one_span_and_is_counted(measured: Measured, run: Run, receiver: Receiver) -> None:
    app, path = measured(), "/things/{thing_id}"

    @app.get(path)
    async def read() -> None:
        pass

    async with run(app) as client:
        answer = await client.get(url_of(path), headers=SAMPLED)
        await client.get("/health/ready")
        await client.head("/nothing")
    [known, unknown] = receiver.spans()
    assert (known.name, known.trace_id.hex(), unknown.name) == (f"GET {path}", TRACE, "HEAD")
    assert attributes_of(known)["http.response.status_code"] == answer.status_code
    assert receiver.spans(kind=1) == []
    assert sum(receiver.counts().values()) == 2
    [about] = {one.resource.SerializeToString() for one in receiver.received["/v1/traces"]}
    assert DISTRIBUTION.encode() in about


@practice("metrics-traces")
async def test_operators_say_how_many_are_traced_and_who_measures(
    measured: Measured, run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    async with run(measured(sample_ratio="0")) as client:
        await client.get(URL)
        await client.get(URL, headers=SAMPLED)
    assert [span.trace_id.hex() for span in receiver.spans()] == [TRACE]
    assert attributes_of(receiver.received["/v1/traces"][0].resource)["service.name"] == "shop"
    assert sum(receiver.counts().values()) == 2


@practice("metrics-traces")
async def test_without_a_receiver_nothing_is_measured(measured: Measured, run: Run) -> None:
    async with run(measured(endpoint="")) as client:
        await client.get(URL)
    assert not isinstance(trace.get_tracer_provider(), TracerProvider)


@practice("traces-without-secrets")
async def test_no_signal_has_what_is_sent_or_raised(measured: Measured, run: Run, receiver: Receiver) -> None:
    app = measured()

    @app.get("/fails")
    async def fails() -> None:
        message = "private text"
        raise ValueError(message)

    @app.post("/refuses")
    async def refuses(sent: InputSchema) -> None:
        pass

    async with run(app) as client:
        assert (await client.get("/fails?private=query")).status_code == 500
        headers = {"Authorization": "private", "Cookie": "private=1"}
        await client.post("/refuses", json={"private": "body"}, headers=headers)
        await client.get("/nothing/private")
    assert [attributes_of(span)["http.response.status_code"] for span in receiver.spans()] == [500, 422, 404]
    assert "private" not in str(receiver.received)


@practice("logs-correlated")
async def test_each_line_of_a_request_has_its_trace(
    measured: Measured, run: Run, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    app = measured()

    @app.get("/logs")
    async def logs() -> None:
        logging.getLogger("app").warning("inside")

    async with run(app) as client:
        await client.get("/logs", headers=SAMPLED)
        # As the server does, when the span has ended.
        logging.getLogger("uvicorn.error").error("after it")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    lines = [line for line in lines if line["request_id"] != "-" and line["logger"] != "httpx2"]
    assert [line["message"] for line in lines] == ["inside", "GET /logs 200", "after it"]
    [span] = receiver.spans()
    assert {(line.get("trace_id"), line.get("span_id")) for line in lines} == {(TRACE, span.span_id.hex())}


@practice("telemetry-optional")
@pytest.mark.parametrize("listens", [True, False])
async def test_no_request_waits_for_the_receiver(
    measured: Measured, run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, *, listens: bool
) -> None:
    assert GRACEFUL_SHUTDOWN_SECONDS + export.FLUSH_SECONDS < 30
    monkeypatch.setattr(export, "FLUSH_SECONDS", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "30" if listens else "1")
    receiver.awake.clear()
    started = time.monotonic()
    async with run(measured() if listens else measured(endpoint="http://127.0.0.1:9")) as client:
        await client.get(URL)
        await client.get(URL)
    assert time.monotonic() - started < ENOUGH


def call(port: int) -> None:
    """Send a request, on a connection of its own."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", URL)
        connection.getresponse().read()


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(log: Path, environment: dict[str, str], processes: int = 1) -> Generator[int]:
    """Run the server, and yield its port; at the end it has some seconds to stop."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"PATH": os.environ["PATH"], "APP_PORT": str(port), "WEB_CONCURRENCY": str(processes), **environment}
    with log.open("wb") as output:
        server = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=own, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        # One process listens after it has started, several before.
        while log.read_text().count("startup complete") < processes or not listens(port):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield port
        server.terminate()
        assert server.wait(ENOUGH) == 0, log.read_text()
    finally:
        server.kill()
        server.wait()


@practice("telemetry-flushed")
def test_processes_lose_nothing_when_they_end(environment: dict[str, str], receiver: Receiver, tmp_path: Path) -> None:
    own = {
        # With these two FastAPI would send by itself.
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20YTpi",
    }
    given = variables(telemetry={"endpoint": receiver.url, "sample_ratio": "1"})
    with serving(tmp_path / "log", environment | given | own, processes=2) as port, ThreadPoolExecutor(8) as pool:
        list(pool.map(call, [port] * 40))
    parts = [(one, scope) for one in receiver.received["/v1/traces"] for scope in one.scope_spans]
    resources = [one for one, scope in parts for span in scope.spans if span.kind == SERVER]
    instances = Counter(attributes_of(one.resource)["service.instance.id"] for one in resources)
    assert sum(instances.values()) == 40
    assert instances == receiver.counts()
    assert {attributes_of(one.resource)["service.name"] for one in resources} == {DISTRIBUTION}
    assert receiver.authorizations == {"Basic YTpi"}


@practice("telemetry-optional")
def test_a_process_ends_when_nobody_answers(environment: dict[str, str], receiver: Receiver, tmp_path: Path) -> None:
    receiver.awake.clear()
    given = variables(telemetry={"endpoint": receiver.url, "sample_ratio": "1"})
    with serving(tmp_path / "log", environment | given | {"OTEL_EXPORTER_OTLP_TIMEOUT": "60"}) as port:
        call(port)
