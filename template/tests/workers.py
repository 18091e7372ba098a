"""Workers for tests: in this process until there is nothing to do, or in one of their own that can be killed."""

import asyncio
import os
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from procrastinate.app import WorkerOptions
from sqlalchemy import text

from app.config import Settings
from app.worker import ALIVE, work
from tests.conftest import Client
from tests.inspection import ROOT

Drain = Callable[[], Awaitable[None]]
Worker = Callable[[], AbstractAsyncContextManager[Process]]
ONCE: WorkerOptions = {"wait": False, "install_signal_handlers": False, "shutdown_graceful_timeout": 300}


@pytest.fixture
async def drain(client: Client, settings: Settings) -> Drain:
    """Return what does all that is in the queue; nothing is in it that another test left."""
    async with client.state["engine"].begin() as connection:
        await connection.execute(text("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE"))
    return lambda: work(settings, ONCE)


@pytest.fixture
def worker(drain: Drain, environment: dict[str, str]) -> Worker:
    """Return what starts `python -m tests.jobs.worker`, and kills it at the end."""
    del drain

    @asynccontextmanager
    async def start() -> AsyncGenerator[Process]:
        command, variables = (sys.executable, "-m", "tests.jobs.worker"), os.environ | environment
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=variables)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return start


def says_alive(check: Sequence[str], file: Path) -> bool:
    """Ask as an orchestrator does, but of this file."""
    command = [sys.executable, *(word.replace(f"/tmp/{ALIVE.name}", str(file)) for word in check[1:])]  # noqa: S108
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


@pytest.fixture
def ages(tmp_path: Path) -> dict[str, Path]:
    """Return files of workers: of one that lives, of one that has shown no life for a minute, and of none."""
    files = {name: tmp_path / name for name in ("alive", "dead", "none")}
    for name, born in (("alive", time.time()), ("dead", time.time() - 61)):
        files[name].touch()
        os.utime(files[name], (born, born))
    return files
