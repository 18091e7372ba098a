"""A receiver of OTLP, for the tests: a real server, which decodes what it is sent and keeps it."""

import os
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from fastapi import FastAPI
from opentelemetry import _logs, metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor

from tests.conftest import CreateApp, MakeSettings

Measured = Callable[..., FastAPI]
SERVER, CLIENT = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT

# What is set for OpenTelemetry is the developer's own.
for foreign in [name for name in os.environ if name.startswith("OTEL_")]:
    del os.environ[foreign]


class Receiver(ThreadingHTTPServer):
    """Takes all three signals, but while it is not `awake` it lets everybody wait."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.awake = Event()
        self.awake.set()
        self.authorizations: set[str | None] = set()
        self.received: dict[str, list[Any]] = {"/v1/traces": [], "/v1/metrics": [], "/v1/logs": []}

    def spans(self, kind: int = SERVER) -> list[Span]:
        """Return the spans of this kind."""
        parts = [scope for one in self.received["/v1/traces"] for scope in one.scope_spans]
        return [span for part in parts for span in part.spans if span.kind == kind]

    def counts(self) -> dict[str, int]:
        """Return how many requests each process has counted, the latest of its sums."""
        found = {}
        for one in self.received["/v1/metrics"]:
            points = [
                point.count
                for scope in one.scope_metrics
                for metric in scope.metrics
                if metric.name == "http.server.request.duration"
                for point in metric.histogram.data_points
            ]
            found[attributes_of(one.resource)["service.instance.id"]] = sum(points)
        return found


class Handler(BaseHTTPRequestHandler):
    requests = {  # noqa: RUF012
        "/v1/traces": lambda body: ExportTraceServiceRequest.FromString(body).resource_spans,
        "/v1/metrics": lambda body: ExportMetricsServiceRequest.FromString(body).resource_metrics,
        "/v1/logs": lambda body: ExportLogsServiceRequest.FromString(body).resource_logs,
    }

    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.awake.wait()
        self.server.received[self.path] += self.requests[self.path](body)
        self.server.authorizations.add(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def attributes_of(one: Any) -> dict[str, Any]:
    """Return the attributes of a span or a resource."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in one.attributes}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.awake.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def measured(
    create_app: CreateApp, make_settings: MakeSettings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Measured:
    """Return what makes an application in production that sends all to the receiver, but for these settings."""
    # For a process they can be set once.
    for module, kind in ((trace, "tracer"), (metrics, "meter")):
        providers = [getattr(module, f"get_{kind}_provider")()]
        monkeypatch.setattr(module, f"set_{kind}_provider", providers.append)
        monkeypatch.setattr(module, f"get_{kind}_provider", lambda its=providers: its[-1])
    # Somebody else, such as a library, may have set up what FastAPI would send its logs by.
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{receiver.url}/v1/logs")))
    monkeypatch.setattr(_logs, "get_logger_provider", lambda: logs)
    monkeypatch.setattr(_logs, "get_logger", lambda name, *_, **__: logs.get_logger(name))

    def make(**changes: str) -> FastAPI:
        given = {"endpoint": receiver.url, "sample_ratio": "1", **changes}
        return create_app(make_settings("production", telemetry=given))

    return make
