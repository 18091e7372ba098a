"""A database server that the tests start for themselves, and a database in it for each run."""

import asyncio
import os
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

# Its input closes when the tests are gone, however they ended. Then nothing is left of the server.
KEEPER = 'signal=$1; shift; "$@" & read -r _; kill -$signal $!; wait $!; rm -rf "$0"'
START_SECONDS = 30
# Database servers refuse to run as root; this number is nobody's everywhere.
ACCOUNT: dict[str, Any] = {}
if os.name == "posix" and os.geteuid() == 0:
    ACCOUNT = {"user": 65534, "group": 65534, "extra_groups": []}


def new_directory() -> Path:
    """Make a directory for a server, which only its account and root can enter."""
    directory = Path(mkdtemp(prefix="test-server-"))
    hand_over(directory)
    return directory


def hand_over(tree: Path) -> None:
    """Let the account of the server change these directories."""
    for folder, *_ in os.walk(tree):
        if ACCOUNT:
            os.chown(folder, ACCOUNT["user"], ACCOUNT["group"])


def prepare(directory: Path, *command: str | Path) -> None:
    """Run what makes the files of the server."""
    done = subprocess.run(command, cwd=directory, capture_output=True, encoding="utf-8", check=False, **ACCOUNT)
    if done.returncode:
        rmtree(directory)
        output = (done.stdout + done.stderr)[-1000:]
        pytest.exit(f"not proven: {command[0]} fails; or set TEST_DATABASE_URL: {output}", pytest.ExitCode.USAGE_ERROR)


@contextmanager
def running_server(directory: Path, signal: str, command: Sequence[str | Path]) -> Generator[None]:
    """Run the server until the tests end; the signal is one that it obeys at once."""
    with (directory / "server.log").open("wb") as log:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, directory, signal, *command],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that Ctrl-C ends the tests, which end the server
            **ACCOUNT,
        )
    with keeper:
        yield


@contextmanager
def new_database(server: str, drop: str) -> Generator[str]:
    """Make a database for this run, and remove it."""
    name = f"test_{uuid4().hex}"
    asyncio.run(execute(server, f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    asyncio.run(execute(server, drop.format(name)))


async def execute(url: str, statement: str) -> None:
    """Run a statement outside of any transaction, as soon as the server answers."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            async with engine.connect() as connection:
                await connection.exec_driver_sql(statement)
                return
        except DBAPIError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.02)
