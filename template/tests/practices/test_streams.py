"""Practices of answers that are sent while they are made."""

import ast
import gc
import tracemalloc
from collections.abc import Iterator
from threading import get_ident

import anyio
import pytest
from anyio import to_thread
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.__main__ import GRACEFUL_SHUTDOWN_SECONDS
from app.core.streams import STREAM_SECONDS, end_in_time, reported
from app.items.bulk.dependencies import PARALLEL
from app.items.bulk.service import ItemImport
from tests.conftest import Client
from tests.inspection import api_routes, calls, nodes
from tests.items.test_bulk import CSV, EXPORT, IMPORT, send, table_of
from tests.streams import Listener

practice = pytest.mark.practice


@practice("sse-native")
async def test_the_framework_writes_the_events(user: AsyncClient) -> None:
    assert calls("StreamingResponse", "EventSourceResponse") == []
    answer = await user.post(IMPORT, content=table_of(1), headers=CSV)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.headers["X-Accel-Buffering"], "no-store" in answer.headers["Cache-Control"]) == ("no", True)


@practice("sse-native")
def test_no_answer_is_made_inside_of_what_it_has_opened() -> None:
    # When a client leaves, nobody closes a generator in time (PEP 789); a dependency is closed.
    blocks = list(nodes((ast.AsyncWith, ast.With), "app/**/router.py"))
    found = [(file, one) for file, one in blocks if any(isinstance(part, ast.Yield) for part in ast.walk(one))]
    assert [f"{file}:{one.lineno}" for file, one in found] == []


@practice("sse-native")
async def test_work_ends_when_nobody_listens(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def note(_: ItemImport, line: int, __: object) -> list[tuple[str, str]]:
        read.append(line)
        return [("name", "missing")]

    monkeypatch.setattr(ItemImport, "faults", note)
    listener = Listener(user, "POST", IMPORT, takes=3, content=table_of(500), headers=CSV)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(listener.listen)
            await listener.stopped.wait()
            await anyio.sleep(0.2)  # until all on the way to the client wait for it
            listener.gone.set()
    assert (len(read) < 20, listener.is_complete) == (True, False)
    assert to_thread.current_default_thread_limiter().borrowed_tokens == 0


@practice("sync-lib-in-def")
async def test_what_blocks_runs_in_a_thread(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = list[int]()

    def note(*_: object) -> list[object]:
        threads.append(get_ident())
        return []

    monkeypatch.setattr(ItemImport, "faults", note)
    await send(user, table_of(2))
    assert (len(threads), get_ident() in threads) == (2, False)


@practice("thread-to-loop-safe")
async def test_a_thread_waits_until_each_step_is_taken() -> None:
    begun: list[int] = []

    def work() -> Iterator[int]:
        for step in range(5):
            begun.append(step)
            yield step

    with anyio.fail_after(5):
        async with reported(work()) as steps:
            assert await anext(aiter(steps)) == 0
            await anyio.sleep(0.2)
            assert begun == [0, 1]
            assert [step async for step in steps] == [1, 2, 3, 4]


@practice("stream-large-payloads")
async def test_an_export_takes_no_more_memory_than_a_page(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(user, table_of(600))
    monkeypatch.setattr("app.items.bulk.service.PAGE", 25)
    listener = Listener(user, "GET", EXPORT)
    gc.collect()
    tracemalloc.start()
    try:
        await listener.listen()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (listener.text.count("\n"), peak - kept < 500_000) == (600, True), f"{peak - kept:,} bytes"


@practice("dep-concurrency-limit")
async def test_exports_take_turns_and_hold_no_connection(client: Client, user: AsyncClient) -> None:
    await send(user, table_of(3))
    listeners = [Listener(user, "GET", EXPORT, takes=1) for _ in range(PARALLEL + 2)]
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            for listener in listeners:
                group.start_soon(listener.listen)
            await anyio.sleep(0.5)
            assert sum(one.stopped.is_set() for one in listeners) == PARALLEL
            assert client.state["engine"].pool.checkedout() == 0
            for listener in listeners:
                listener.on.set()
    assert [listener.is_complete for listener in listeners] == [True] * len(listeners)


@practice("stream-ends")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_does_not_read_holds_nothing(
    user: AsyncClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    await send(user, table_of(3))
    monkeypatch.setattr("app.core.streams.STREAM_SECONDS", 0.1)
    url = EXPORT if method == "GET" else IMPORT
    listener = Listener(user, method, url, takes=2, content="name,price\n" + "Item,x\n" * 99, headers=CSV)
    with anyio.move_on_after(5) as limit, pytest.raises(TimeoutError):
        await listener.listen()
    assert (limit.cancelled_caught, listener.is_complete) == (False, False)
    assert to_thread.current_default_thread_limiter().borrowed_tokens == 0


@practice("stream-ends")
async def test_a_client_that_reads_gets_everything(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(user, table_of(5))
    monkeypatch.setattr("app.items.bulk.service.PAGE", 2)
    monkeypatch.setattr("app.core.streams.STREAM_SECONDS", 1)
    listener = Listener(user, "GET", EXPORT)
    listener.seconds = 0.25  # for each of seven messages
    await listener.listen()
    assert (listener.text.count("\n"), listener.is_complete) == (5, True)


@practice("stream-ends")
def test_each_stream_ends_before_the_server_gives_up(api: FastAPI) -> None:
    assert STREAM_SECONDS < GRACEFUL_SHUTDOWN_SECONDS
    streams = [route for route in api_routes(api) if route.is_sse_stream or route.is_json_stream]
    assert streams
    for route in streams:
        asked = [*route.dependant.dependencies]
        for dependant in asked:
            asked += dependant.dependencies
        assert ("request", end_in_time) in [(one.scope, one.call) for one in asked], route.path
