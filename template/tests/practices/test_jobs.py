"""Practices of jobs: none is lost, none has its effect twice, and none is tried for ever."""

import os
import re
from asyncio import gather, sleep
from collections.abc import Awaitable, Callable
from pathlib import Path
from signal import SIGTERM
from typing import Any
from uuid import UUID

import procrastinate
import pytest
from anyio import fail_after
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.config import Settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.items.tasks import make_report
from app.jobs.queue import MAX_RETRIES, Task, create_queue, enqueue
from app.jobs.repository import JobRuns
from app.jobs.tasks import sweep
from app.worker import load_tasks, show_life
from tests.conftest import Client
from tests.inspection import ROOT
from tests.jobs.process import place
from tests.jobs.worker import failing, quick, slow
from tests.workers import Drain, Worker

practice = pytest.mark.practice
REPORTS = "/api/v1/items/reports"
KEY = {"Idempotency-Key": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}
PATIENCE = 120  # seconds, where many others are at work
WAIT = "SELECT extract(epoch FROM scheduled_at - now())::int FROM procrastinate_jobs WHERE task_name = 'tests.failing'"
Ask = Callable[[Task], Awaitable[str]]
Query = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
def ask(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what asks for a job of this kind, and returns its address."""

    async def post(task: Task) -> str:
        monkeypatch.setattr("app.items.reports.make_report", task)
        return str((await user.post(REPORTS)).headers["Location"])

    return post


@pytest.fixture
def query(client: Client) -> Query:
    """Return what runs a statement in a transaction of its own, and returns the first column."""

    async def run(statement: str, **values: object) -> list[Any]:
        async with client.state["engine"].begin() as connection:
            result = await connection.execute(text(statement), values)
            return [row[0] for row in result] if result.returns_rows else []

    return run


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


async def until(client: AsyncClient, url: str, **expected: object) -> None:
    """Wait until a job is like this."""
    with fail_after(PATIENCE):
        while not expected.items() <= (await client.get(url)).json().items():  # noqa: ASYNC110 - it is elsewhere
            await sleep(0.05)


@practice("durable-jobs-queue")
async def test_a_request_is_answered_before_its_job_is_done(user: AsyncClient, drain: Drain) -> None:
    answer = await user.post(REPORTS)
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (202, True)
    assert answer.json() == (await user.get(answer.headers["Location"])).json()
    assert (answer.json()["state"], answer.json()["result"]) == ("queued", None)
    await drain()
    job = (await user.get(answer.headers["Location"])).json()
    assert (job["state"], job["progress"], job["result"]["count"]) == ("done", 100, 0)


@practice("durable-jobs-queue")
async def test_a_job_is_stored_with_the_rest_or_not_at_all(client: Client, query: Query, drain: Drain) -> None:
    count = "SELECT count(*) FROM procrastinate_jobs"
    async with client.state["sessionmaker"]() as session:
        await enqueue(session, sweep, timestamp="0")
        assert await query(count) == [0], "nobody sees it before the commit"
        await session.rollback()
        assert await query(count) == [0]
        await enqueue(session, sweep, timestamp="0")
        await session.commit()
    assert await query(count) == [1]
    await drain()


@practice("durable-jobs-queue")
async def test_a_queue_that_does_not_serve_is_a_503(
    client: Client, user: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.postgresql.TRANSACTION", "SET LOCAL lock_timeout = 1")
    async with client.state["engine"].begin() as other:
        await other.execute(text("LOCK TABLE procrastinate_jobs"))
        answer = await user.post(REPORTS)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (await user.get("/api/v1/jobs")).json()["total"] == 0


@practice("durable-jobs-queue")
def test_the_tables_of_the_queue_are_as_new_as_its_code() -> None:
    scripts = sorted(path.stem for path in (Path(procrastinate.__file__).parent / "sql/migrations").glob("*.sql"))
    newest = re.findall(r"^[\d.]+_\d+", scripts[-1])
    told = "".join(path.read_text("utf-8") for path in ROOT.glob("migrations/versions/*.py"))
    assert newest[0] in told, "write a migration that runs the scripts after the last one, and names the newest"


@practice("jobs-survive-workers")
async def test_what_a_killed_worker_did_is_done_by_another(
    user: AsyncClient, ask: Ask, worker: Worker, query: Query, client: Client, drain: Drain
) -> None:
    async with worker() as killed:
        url = await ask(slow)
        await until(user, url, state="running", progress=50)
        killed.kill()
        await killed.wait()
    await drain()
    assert (await user.get(url)).json()["state"] == "running", "it may only be slow"
    await query("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
    await query("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    async with client.state["sessionmaker"].begin() as session:
        await enqueue(session, sweep, timestamp="0")
    await drain()
    await drain()
    assert (await user.get(url)).json()["state"] == "done"


@practice("jobs-retried")
async def test_a_job_that_takes_its_workers_along_fails_in_the_end(
    user: AsyncClient, ask: Ask, query: Query, client: Client, drain: Drain
) -> None:
    url = await ask(slow)
    await query("UPDATE procrastinate_jobs SET status = 'doing', attempts = :tried", tried=MAX_RETRIES)
    async with client.state["sessionmaker"].begin() as session:
        await enqueue(session, sweep, timestamp="0")
    await drain()
    await drain()
    job = (await user.get(url)).json()
    assert (job["state"], bool(job["error"])) == ("failed", True)
    assert await query("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'tests.slow'") == ["failed"]


@practice("jobs-retried")
async def test_a_failing_job_is_tried_again_later_and_not_for_ever(
    user: AsyncClient, ask: Ask, query: Query, drain: Drain
) -> None:
    url, waits = await ask(failing), []
    for _ in range(MAX_RETRIES):
        await drain()
        job = (await user.get(url)).json()
        assert (job["state"], job["error"]) == ("queued", None)
        waits += await query(WAIT)
        await query("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    await drain()
    job = (await user.get(url)).json()
    assert (job["state"], "hunter2" in job["error"]) == ("failed", False)
    assert waits == sorted(waits)
    assert 0 < waits[0] < waits[-1]


@practice("jobs-retried")
@practice("jobs-survive-workers")
async def test_every_task_is_tried_again_and_waits_for_no_dead_worker(settings: Settings) -> None:
    load_tasks()
    engine = engine_from(settings)
    queue = create_queue(settings, engine, create_sessionmaker(engine))
    own = [task for name, task in queue.tasks.items() if "procrastinate." not in name]
    assert own
    assert [task.name for task in own if getattr(task.retry_strategy, "max_attempts", None) != MAX_RETRIES] == []
    assert [task.name for task in own if task.lock] == [], "who is dead holds it"


@practice("jobs-idempotent")
async def test_a_request_that_is_sent_again_gets_the_same_job(user: AsyncClient) -> None:
    answers = await gather(*(user.post(REPORTS, headers=KEY) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len({(await user.post(REPORTS)).headers["Location"] for _ in range(2)}) == 2
    assert (await user.get("/api/v1/jobs")).json()["total"] == 3


@practice("jobs-idempotent")
async def test_what_is_done_is_not_done_again(user: AsyncClient, ask: Ask, client: Client, drain: Drain) -> None:
    url = await ask(make_report)
    await drain()
    job = (await user.get(url)).json()
    runs, job_id = JobRuns(client.state["sessionmaker"]), UUID(job["id"])
    assert await runs.claim(job_id) is None
    await runs.finish(job_id, {"count": 7})
    await runs.release(job_id, "too late")
    assert (await user.get(url)).json() == job


@practice("worker-graceful")
async def test_a_worker_ends_its_jobs_or_puts_them_back(
    user: AsyncClient, ask: Ask, worker: Worker, query: Query
) -> None:
    async with worker() as ending:
        short, long = await ask(quick), await ask(slow)
        await until(user, long, progress=50)
        ending.send_signal(SIGTERM)
        with fail_after(PATIENCE / 2):
            assert await ending.wait() == 0
    assert [(await user.get(url)).json()["state"] for url in (long, short)] == ["queued", "done"]
    assert await query("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'tests.slow'") == ["todo"]


@practice("worker-health")
async def test_a_worker_shows_life_while_the_database_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def fail(_engine: AsyncEngine) -> None:
        raise OSError

    monkeypatch.setattr("app.worker.ALIVE", tmp_path / "alive")
    await show_life(client.state["engine"])
    assert names(tmp_path) == ["alive"]
    monkeypatch.setattr("app.worker.ALIVE", tmp_path / "dead")
    monkeypatch.setattr("app.worker.check_database", fail)
    await show_life(client.state["engine"])
    assert names(tmp_path) == ["alive"]


@practice("cpu-work-off-process")
async def test_arithmetic_is_done_in_another_process(
    user: AsyncClient, ask: Ask, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.items.tasks.summarise", place)
    url = await ask(make_report)
    await drain()
    process = (await user.get(url)).json()["result"]["process"]
    assert process not in {os.getpid(), None}
