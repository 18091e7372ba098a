"""How long an answer takes for an address that has an account, and for one that has none: nobody should learn which."""

import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.application import ACCOUNT, JSON, KEY, Client, free_port, migrate, server
from benchmarks.command_line import BIN
from benchmarks.measure import environment

TRIES = 200
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# How long the mail server takes for each mail, in seconds.
SERVERS = {"fast": 0.0, "slow": 0.3}
MAKE_ACCOUNT = """
import anyio
from app.config import get_settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.users.passwords import Passwords
from app.users.repository import UserRepository

async def make(email, password):
    async with create_sessionmaker(engine_from(get_settings())).begin() as session:
        await UserRepository(session).add(email, Passwords().hasher.hash(password))

for account in ("{email}", "taken@example.com"):
    anyio.run(make, account, "{password}")
"""
TAKE_MAIL = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Slow:
    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(float(sys.argv[2]))
        return "250 OK"

async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Slow()), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(serve())
"""


def generate(project: Path) -> Path:
    """Make a project with its environment, that of the tests included: it brings a mail server."""
    command = [BIN / "fastapi-scaffold", "new", project, "--defaults", "--no-config", "--no-verify", "--quiet"]
    subprocess.run([*command, "--mail", "smtp"], env=environment(), check=True)
    subprocess.run([BIN / "uv", "sync", "--quiet", "--compile-bytecode"], cwd=project, check=True)
    return project


@contextmanager
def mail_server(project: Path, seconds: float) -> Generator[str]:
    """Take mail and forget it; gives the port."""
    port = str(free_port())
    command = [project / ".venv/bin/python", "-c", TAKE_MAIL, port, str(seconds)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL) as process:
        yield port
        process.terminate()


def requests_of(client: Client) -> dict[str, Callable[[str], None]]:
    """Return what a stranger can ask with an address, and somebody who is signed in with another one."""

    def send(method: str, path: str, body: str, headers: dict[str, str]) -> None:
        client.connection.request(method, f"/api/v1{path}", body, headers)
        client.connection.getresponse().read()

    def form(email: str) -> str:
        return f"username={email}&password=correct+horse+batteries"

    return {
        "sign-in": lambda email: send("POST", "/auth/token", form(email), FORM),
        "registration": lambda email: send("POST", "/users", json.dumps(ACCOUNT | {"email": email}), JSON),
        "reset": lambda email: send("POST", "/auth/forgotten", json.dumps({"email": email}), JSON),
        "change": lambda email: send(
            "PUT", "/users/me/email", json.dumps(ACCOUNT | {"email": email}), JSON | client.headers
        ),
    }


def compare(ask: Callable[[str], None]) -> tuple[float, float]:
    """Return the medians for an address with an account and without one, in ms, asked in turn and in any order."""
    taken: list[float] = []
    free: list[float] = []
    for number in range(TRIES):
        pair = [("taken@example.com", taken), (f"nobody{number}@example.com", free)]
        for email, times in random.sample(pair, 2):
            begin = time.perf_counter()
            ask(email)
            times.append((time.perf_counter() - begin) * 1000)
    return median(taken), median(free)


def strangers() -> dict[str, tuple[float, float]]:
    """Return for each request, with each mail server, the medians with and without an account, in ms."""
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        project = generate(Path(scratch, "bench-api"))
        python = project / ".venv/bin/python"
        given = {
            "APP_ENVIRONMENT": "development",
            "APP_DATABASE__URL": f"sqlite+aiosqlite:///{scratch}/bench.db",
            "APP_AUTH__SECRET_KEY": KEY,
            "APP_AUTH__ATTEMPTS": "1000000/minute",
            "APP_MAIL__HOST": "127.0.0.1",
            "APP_MAIL__TLS": "none",
            "APP_MAIL__SENDER": "api@example.com",
            "APP_MAIL__LINK": "https://example.com/",
        }
        migrate(project, given | {"APP_MAIL__PORT": "25"})
        make = MAKE_ACCOUNT.format(**ACCOUNT)
        variables = environment() | given | {"APP_MAIL__PORT": "25"}
        subprocess.run([python, "-c", make], cwd=project, env=variables, check=True)
        for name, seconds in SERVERS.items():
            with mail_server(project, seconds) as mail:
                settings = given | {"APP_MAIL__PORT": mail, "APP_PORT": str(free_port())}
                with server([python, "-m", "app"], project, int(settings["APP_PORT"]), settings) as client:
                    body = "username={email}&password={password}".format(**ACCOUNT).replace(" ", "+")
                    token = client.call("POST", "/api/v1/auth/token", body, FORM)["access_token"]
                    client.headers = {"Authorization": f"Bearer {token}"}
                    for kind, ask in requests_of(client).items():
                        found[f"{kind}, {name} mail server"] = compare(ask)
    return found
