from uuid import UUID, uuid4

import anyio
import pytest
from httpx2 import AsyncClient

from app.jobs.repository import JobRuns
from tests.conftest import Client
from tests.streams import Listener, events
from tests.workers import Drain

practice = pytest.mark.practice
URL = "/api/v1/items/reports"


async def start(user: AsyncClient) -> str:
    """Ask for a report, and return where its job is."""
    return (await user.post(URL)).headers["Location"]


async def until_told(listener: Listener, number: int) -> None:
    """Wait for so many events."""
    while len(events(listener.text)) < number:
        await listener.hears()


async def test_whoever_listens_hears_of_each_change(client: Client, user: AsyncClient, drain: Drain) -> None:
    url = await start(user)
    listener = Listener(user, "GET", f"{url}/events")
    with anyio.fail_after(15):
        async with anyio.create_task_group() as group:
            group.start_soon(listener.listen)
            await until_told(listener, 1)
            await JobRuns(client.state["sessionmaker"]).tell(UUID(url.rpartition("/")[2]), 40)
            await until_told(listener, 2)
            await drain()
    told = events(listener.text)
    assert [name for name, _ in told[:2]] == ["progress"] * 2
    assert [(job["state"], job["progress"]) for _, job in told[:2]] == [("queued", 0), ("queued", 40)]
    assert told[-1] == ("end", (await user.get(url)).json())
    assert told[-1][1]["state"] == "done"


@practice("stream-ends")
async def test_what_was_told_is_not_told_again(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.streams.STREAM_SECONDS", 1.2)
    url = f"{await start(user)}/events"
    first = await user.get(url)
    assert (first.status_code, "no-store" in first.headers["Cache-Control"]) == (200, True)
    assert [name for name, _ in events(first.text)] == ["progress"]
    last = first.text.partition("id: ")[2].split("\n")[0]
    listener = Listener(user, "GET", url, headers={"Last-Event-ID": last})
    await listener.listen()
    assert (events(listener.text), listener.is_complete) == ([], True)
    assert events((await user.get(url, headers={"Last-Event-ID": "another"})).text) == events(first.text)


@practice("stream-ends")
async def test_the_end_is_told_to_whoever_asks(user: AsyncClient, drain: Drain) -> None:
    url = f"{await start(user)}/events"
    await drain()
    answer = await user.get(url)
    last = answer.text.partition("id: ")[2].split("\n")[0]
    assert [name for name, _ in events(answer.text)] == ["end"]
    assert (await user.get(url, headers={"Last-Event-ID": last})).text == answer.text


async def test_of_what_is_not_there_nothing_is_told(user: AsyncClient) -> None:
    assert (await user.get(f"/api/v1/jobs/{uuid4()}/events")).status_code == 404
