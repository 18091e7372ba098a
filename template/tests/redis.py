"""What the processes of the tests share: a Redis or Valkey that is started for them."""

import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.server import new_directory, running_server

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
# Debian's redis-tools has the server too, under the name of what looks at its files.
PROGRAMS = ("valkey-server", "redis-server", "valkey-check-rdb", "redis-check-rdb")
NO_SERVER = "not proven: the tests need a Redis or Valkey server. Install redis-tools or valkey, which need not run"
ALONE = ["--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning"]
START_SECONDS = 30


@contextmanager
def server() -> Generator[str]:
    """Give the address of a server."""
    program = next(filter(None, (shutil.which(name, path=PATH) for name in PROGRAMS)), None)
    if not program:
        pytest.exit(NO_SERVER, pytest.ExitCode.USAGE_ERROR)
    directory = new_directory()
    # What it does depends on what it is called.
    (directory / "redis-server").symlink_to(program)
    socket = directory / "socket"
    with running_server(directory, "KILL", [directory / "redis-server", "--unixsocket", socket, *ALONE]):
        wait_for(f"unix://{socket}")
        yield f"unix://{socket}"


def wait_for(url: str) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with Redis.from_url(url) as client:
                client.ping()
                return
        except RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


@pytest.fixture(scope="session")
def cache_url() -> Generator[str]:
    """Return the address of the server of this run."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def shared_server(cache_url: str) -> Generator[Redis]:
    """Look into the server from outside."""
    with Redis.from_url(cache_url) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_shared(shared_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing of one test to the next, and let a slow machine be no server that does not answer."""
    shared_server.flushdb()
    monkeypatch.setattr("app.cache.server.PATIENCE", 30)
