"""Practices of what all processes share: everything works without it, too."""

import asyncio
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from redis import Redis
from redis.asyncio import BlockingConnectionPool

from app.cache import server
from app.cache.server import SharedServer, Unreachable
from tests.conftest import Client, CreateApp, MakeSettings, Run
from tests.inspection import calls, operations, url_of
from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice
SUMMARY = f"{URL}/summary"
CREDENTIALS = ("authorization", "cookie", "x-api-key")
# Other tests have more patience.
PATIENCE, PAUSE = server.PATIENCE, server.PAUSE


@contextmanager
def frozen(shared_server: Redis) -> Generator[None]:
    """Stop the server as a machine without time for it does: it is there, and does not answer."""
    process = shared_server.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    yield
    os.kill(process, signal.SIGCONT)


@practice("redis-client-lifecycle")
async def test_requests_share_a_client(
    api: FastAPI, user: AsyncClient, shared_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(BlockingConnectionPool, "__init__", lambda *pool, **_: made.append(pool))
    for path, method, _ in operations(api):
        await user.request(method, url_of(path))
    assert (made, len(calls("from_pool", "from_url"))) == ([], 2)
    assert len(shared_server.client_list()) == 2, "another one was made"


@practice("redis-client-lifecycle")
async def test_the_client_is_closed_with_the_application(api: FastAPI, run: Run, shared_server: Redis) -> None:
    async with run(api) as client:
        await client.get(SUMMARY)
        assert len(shared_server.client_list()) == 2
    for _ in range(200):  # the server hears of it a little later
        if len(shared_server.client_list()) == 1:
            return
        await asyncio.sleep(0.01)
    pytest.fail("a connection is left")


@practice("cache-optional")
async def test_nobody_waits_twice_for_a_server_that_does_not_answer(
    client: Client,
    user: AsyncClient,
    shared_server: Redis,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 0 < PATIENCE <= 0.5 < PAUSE <= 10
    monkeypatch.setattr(server, "PATIENCE", PATIENCE)
    monkeypatch.setattr(server, "PAUSE", 60)
    with frozen(shared_server):
        async with asyncio.timeout(4):
            answers = [await user.post(URL, json=BICYCLE)]
        answers += [await user.get(SUMMARY) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201, *[200] * 5]
        assert (await client.get("/health/ready")).status_code == 200
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == [server.__name__]


@practice("cache-optional")
async def test_nobody_waits_for_a_server_that_is_not_there() -> None:
    shared = SharedServer("unix:///nowhere")
    with pytest.raises(Unreachable):
        async with asyncio.timeout(5), shared.asked() as client:
            await client.ping()
    await shared.client.aclose()


@practice("cache-optional")
async def test_it_is_used_again_when_it_is_back(
    user: AsyncClient, shared_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.05)
    monkeypatch.setattr(server, "PAUSE", 0.0)
    with frozen(shared_server):
        assert (await user.get(SUMMARY)).status_code == 200
    monkeypatch.setattr(server, "PATIENCE", 30)
    await user.get(SUMMARY)
    assert shared_server.keys("*summary*")


@practice("cache-optional")
async def test_one_alone_looks_whether_it_is_back(
    cache_url: str, shared_server: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.05)
    shared = SharedServer(cache_url)
    shared.down_until = 0.1  # that is long over

    async def ask() -> None:
        with pytest.raises(Unreachable):
            async with shared.asked() as client:
                await client.ping()

    with frozen(shared_server):
        await asyncio.gather(*(ask() for _ in range(5)))
    assert len(caplog.records) == 1
    await shared.client.aclose()


@practice("cache-optional")
@practice("rate-limit-requests")
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "unix:///nowhere"])
async def test_without_it_each_process_counts_for_itself(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, url: str
) -> None:
    async with run(create_app(make_settings(cache={"url": url, "requests": "2/minute"}))) as client:
        answers = [await client.get(SUMMARY) for _ in range(3)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, True]
        assert '"requests";r=0;t=' in answers[2].headers["RateLimit"]


@pytest.fixture
def limited(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    """Return an application that answers ten requests of each."""
    return create_app(make_settings(cache={"requests": "10/minute"}))


@practice("rate-limit-requests")
async def test_all_processes_count_together(limited: FastAPI, run: Run) -> None:
    async with run(limited) as one, run(limited) as other:
        first = await one.get(SUMMARY)
        answers = await asyncio.gather(*(client.get(SUMMARY) for client in (one, other) for _ in range(15)))
        assert [answer.status_code for answer in answers].count(429) == 21
        refused = await other.get(SUMMARY)
        health = await other.get("/health/ready")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    wait = refused.headers["Retry-After"]
    assert 0 < int(wait) <= 60
    assert {one.headers["RateLimit-Policy"] for one in (first, refused)} == {'"requests";q=10;w=60'}
    assert first.headers["RateLimit"].startswith('"requests";r=9;t=')
    assert refused.headers["RateLimit"] == f'"requests";r=0;t={wait}'
    assert (health.status_code, "RateLimit" in health.headers) == (200, False)


@practice("rate-limit-requests")
async def test_a_network_is_one(limited: FastAPI, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run(limited) as client:
        for number in range(12):
            monkeypatch.setattr(client._transport, "client", (f"2001:db8::{number}", 1))
            answer = await client.get(SUMMARY)
        assert answer.status_code == 429
        for address in ("2001:db8:0:1::1", "192.0.2.1", "::ffff:192.0.2.2"):
            monkeypatch.setattr(client._transport, "client", (address, 1))
            assert '"requests";r=9;' in (await client.get(SUMMARY)).headers["RateLimit"]


@practice("rate-limit-requests")
async def test_every_operation_is_counted_and_says_so(api: FastAPI, client: Client) -> None:
    for path, method, operation in operations(api):
        assert "RateLimit" in (await client.request(method, url_of(path))).headers, path
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= operation["responses"]["429"]["headers"].keys(), path


@practice("cache-expensive-reads")
async def test_a_summary_is_kept_for_its_lifetime(user: AsyncClient, shared_server: Redis) -> None:
    for name, status, price in (("Bicycle", "draft", "0.10"), ("Tricycle", "draft", "0.20"), ("Car", "active", "1")):
        await user.post(URL, json={"name": name, "status": status, "price": price})
    expected = [{"status": "active", "count": 1, "price": "1.00"}, {"status": "draft", "count": 2, "price": "0.30"}]
    first = await user.get(SUMMARY)
    assert first.json() == {"by_status": expected}
    await user.post(URL, json=BICYCLE | {"name": "Unicycle"})
    assert (await user.get(SUMMARY)).text == first.text
    [key] = shared_server.keys("*summary*")
    assert 0 < shared_server.ttl(key) <= 60
    shared_server.delete(key)
    assert (await user.get(SUMMARY)).json()["by_status"][1] == {"status": "draft", "count": 3, "price": "120.30"}


@practice("cache-expensive-reads")
async def test_clients_may_keep_it_for_themselves(user: AsyncClient) -> None:
    first = await user.get(SUMMARY)
    assert first.headers["Cache-Control"] == "private, max-age=60"
    varying = first.headers.get("Vary", "").lower().split(", ")
    assert [name for name in user.headers if name in CREDENTIALS and name not in varying] == []
    tag = first.headers["ETag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = await user.get(SUMMARY, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    await user.post(URL, json=BICYCLE)
    assert (await user.get(SUMMARY, headers={"If-None-Match": '"other"'})).status_code == 200
    assert (await user.get(URL)).headers["Cache-Control"] == "no-store"
