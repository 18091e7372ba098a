"""CPU of a request with telemetry, against the same application without, and of importing what it takes."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.application import KEY, free_port, make_items, migrate, requests_of, server, sign_in
from benchmarks.command_line import BIN
from benchmarks.measure import cpu_of, environment, interleaved

# The share that is traced; nothing at all where there is no receiver.
TRACED = {
    "no receiver": "",
    "one in ten traced": "0.1",
    "all traced": "1",
}
WITHOUT = "without telemetry"


class Sink(BaseHTTPRequestHandler):
    """Takes everything, on connections that stay open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read and forget."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Generator[str]:
    """Run a receiver; returns its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as sink:
        Thread(target=sink.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{sink.server_port}"
        sink.shutdown()


def generate(project: Path, telemetry: str) -> Path:
    """Make a project with its environment."""
    command = [BIN / "fastapi-scaffold", "new", project, "--defaults", "--no-config", "--no-verify", "--quiet"]
    subprocess.run([*command, "--telemetry", telemetry], env=environment(), check=True)
    subprocess.run([BIN / "uv", "sync", "--quiet", "--no-dev", "--compile-bytecode"], cwd=project, check=True)
    return project


def telemetry(rounds: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return the CPU of each kind of request in each of the ways, and that of imports, in ms."""
    with tempfile.TemporaryDirectory() as scratch:
        plain, traced = (generate(Path(scratch, name, "bench-api"), name) for name in ("none", "opentelemetry"))
        settings = {"APP_DATABASE__URL": f"sqlite+aiosqlite:///{scratch}/bench.db", "APP_AUTH__SECRET_KEY": KEY}
        migrate(plain, settings)
        return serving(rounds, plain, traced, settings), importing(rounds, traced)


def serving(rounds: int, plain: Path, traced: Path, settings: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return the CPU of each kind of request in each of the ways."""
    with ExitStack() as stack:
        address = stack.enter_context(receiver())
        ways = {WITHOUT: (plain, settings)}
        for name, share in TRACED.items():
            own = {"APP_TELEMETRY__ENDPOINT": address, "APP_TELEMETRY__SAMPLE_RATIO": share} if share else {}
            ways[name] = traced, settings | own
        clients = {}
        for name, (project, variables) in ways.items():
            port = free_port()
            command: list[str | Path] = [project / ".venv/bin/python", "-m", "app"]
            clients[name] = stack.enter_context(server(command, project, port, variables | {"APP_PORT": str(port)}))
        sign_in(clients[WITHOUT])
        item_id, names = make_items(clients[WITHOUT]), iter(range(10**9))
        variants: dict[str, Callable[[], float]] = {}
        for name, client in clients.items():
            client.headers = clients[WITHOUT].headers
            for kind, measure in requests_of(client, item_id, names).items():
                variants[json.dumps([kind, name])] = measure
        found: dict[str, dict[str, float]] = {}
        for key, cost in interleaved(rounds, variants).items():
            kind, name = json.loads(key)
            found.setdefault(kind, {})[name] = cost
        return found


def importing(rounds: int, project: Path) -> dict[str, float]:
    """Return the CPU of importing the framework, its part for telemetry, and what sends."""
    modules = {
        "nothing": "",
        "opentelemetry.trace": "import opentelemetry.trace, opentelemetry.metrics, opentelemetry._logs",
        "fastapi": "import fastapi",
        "fastapi, SDK and exporters": "import fastapi, opentelemetry.sdk.metrics.export\n"
        "import opentelemetry.exporter.otlp.proto.http.trace_exporter, opentelemetry.sdk.trace.export",
    }
    python = project / ".venv/bin/python"
    return interleaved(rounds, {name: lambda code=code: cpu_of([python, "-c", code]) for name, code in modules.items()})
