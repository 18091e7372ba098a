"""CPU of each request of the generated application, against a bare one on the same server and the same database."""

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.measure import cpu_of_process, environment, interleaved

REQUESTS = 300
KEY = "0123456789abcdef" * 3
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
JSON = {"Content-Type": "application/json"}


class Client:
    """One connection that stays open, to a server whose CPU can be read."""

    def __init__(self, port: int, pid: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.pid = pid
        self.headers: dict[str, str] = {}

    def call(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Any:
        """Send a request that must succeed; returns its JSON."""
        self.connection.request(method, path, body, self.headers | (headers or {}))
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 400:
            message = f"{method} {path}: {response.status} {text[:300]!r}"
            raise RuntimeError(message)
        return json.loads(text)

    def cost(self, send: Callable[[], object]) -> float:
        """Return the server's CPU for one request, in ms."""
        before = cpu_of_process(self.pid)
        for _ in range(REQUESTS):
            send()
        return (cpu_of_process(self.pid) - before) / REQUESTS


@contextmanager
def server(command: list[str | Path], directory: Path, port: int, variables: dict[str, str]) -> Generator[Client]:
    """Run a server, and yield a client of it."""
    process = subprocess.Popen(
        command, cwd=directory, env=environment() | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield Client(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def requests_of(client: Client, item_id: str, names: Iterator[int]) -> dict[str, Callable[[], float]]:
    """Return what is measured."""

    def create() -> object:
        body = json.dumps({"name": f"Item {os.getpid()} {client.pid} {next(names)}", "price": "9.90"})
        return client.call("POST", "/api/v1/items", body, JSON)

    return {
        "health": lambda: client.cost(lambda: client.call("GET", "/health")),
        "read": lambda: client.cost(lambda: client.call("GET", f"/api/v1/items/{item_id}")),
        "list of 20": lambda: client.cost(lambda: client.call("GET", "/api/v1/items?limit=20")),
        "create": lambda: client.cost(create),
    }


def migrate(project: Path, variables: dict[str, str]) -> None:
    """Make the tables."""
    command = [project / ".venv/bin/alembic", "upgrade", "head"]
    subprocess.run(command, cwd=project, env=environment() | variables, check=True)


def sign_in(client: Client) -> None:
    """Make an account, and send its credentials from now on."""
    client.call("POST", "/api/v1/users", json.dumps(ACCOUNT), JSON)
    form = "username=ada@example.com&password=correct+horse+battery"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    token = client.call("POST", "/api/v1/auth/token", form, headers)["access_token"]
    client.headers = {"Authorization": f"Bearer {token}"}


def make_items(client: Client) -> str:
    """Make what a list shows; returns the id of the first."""
    bodies = [json.dumps({"name": f"First {number}", "price": 1}) for number in range(20)]
    items = [client.call("POST", "/api/v1/items", body, JSON) for body in bodies]
    identifier: str = items[0]["id"]
    return identifier


def requests(project: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Return for each kind of request the CPU of the generated and of the bare application, in ms."""
    python = project / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory() as scratch:
        database = f"sqlite+aiosqlite:///{scratch}/bench.db"
        settings = {"APP_DATABASE__URL": database, "APP_AUTH__SECRET_KEY": KEY, "APP_PORT": str(free_port())}
        migrate(project, settings)
        port = free_port()
        bare = {"BARE_DATABASE": database, "BARE_KEY": KEY, "BARE_AUDIENCE": project.name}
        bare_command = [python, "-m", "uvicorn", "bare_app:app", "--port", str(port), "--no-access-log"]
        bare_command += ["--timeout-keep-alive", "75"]  # as the generated one: the connection stays open
        with (
            server([python, "-m", "app"], project, int(settings["APP_PORT"]), settings) as generated,
            server([str(part) for part in bare_command], Path(__file__).parent, port, bare) as limit,
        ):
            sign_in(generated)
            limit.headers = generated.headers
            item_id = make_items(generated)
            names = iter(range(10**9))
            variants: dict[str, Callable[[], float]] = {}
            for label, client in (("generated", generated), ("bare", limit)):
                for name, measure in requests_of(client, item_id, names).items():
                    variants[f"{name}|{label}"] = measure
            results = interleaved(rounds, variants)
    return {
        name.removesuffix("|bare"): (results[name.replace("|bare", "|generated")], cost)
        for name, cost in results.items()
        if name.endswith("|bare")
    }
