"""Practices of sessions: each request has one, and one transaction."""

from contextlib import AsyncExitStack
from inspect import isasyncgenfunction
from typing import get_type_hints

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database.session import get_session
from app.items.models import Item
from app.items.schemas import ItemCreate
from tests.conftest import Client
from tests.inspection import calls, dependants
from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice


@practice("session-per-request")
@practice("commit-before-response")
def test_sessions_come_from_one_dependency(api: FastAPI) -> None:
    sessions = [one for one in dependants(api) if one.call is get_session]
    assert {(one.scope, one.request_param_name) for one in sessions} == {("function", None)}, "a socket is no request"
    # A service may read in a session of its own what must not hold up the request.
    made = [place.partition(":")[0] for place in calls("AsyncSession", "async_sessionmaker", "sessionmaker", "readers")]
    assert [path for path in made if path != "app/database/session.py" and not path.endswith("/service.py")] == []
    assert calls("commit", "rollback") == []


@practice("session-per-request")
async def test_a_request_has_one_session(client: Client, user: AsyncClient) -> None:
    begun: list[object] = []
    event.listen(client.state["engine"].sync_engine, "begin", begun.append)
    item = (await user.post(URL, json=BICYCLE)).json()
    await user.patch(f"{URL}/{item['id']}", json={})
    assert len(begun) == 2


@practice("dep-return-types")
def test_generators_are_annotated_as_iterators(api: FastAPI) -> None:
    generators = {one.call for one in dependants(api) if isasyncgenfunction(one.call)}
    hints = [str(get_type_hints(call)["return"]) for call in generators]
    assert hints
    assert [hint for hint in hints if "AsyncIterator[" not in hint and "AsyncGenerator[" not in hint] == []


def fail(*_: object) -> None:
    raise DBAPIError("INSERT", {}, ValueError())


@practice("commit-before-response")
async def test_what_is_not_stored_is_no_success(user: AsyncClient) -> None:
    event.listen(Session, "before_commit", fail)
    try:
        assert (await user.post(URL, json=BICYCLE)).status_code == 500
    finally:
        event.remove(Session, "before_commit", fail)
    assert (await user.get(URL)).json()["items"] == []


@practice("rollback-on-exception")
async def test_a_request_that_fails_stores_nothing(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.Request.url_for", fail)
    assert (await user.post(URL, json=BICYCLE)).status_code == 500
    monkeypatch.undo()
    assert (await user.get(URL)).json()["items"] == []


@practice("integrity-errors-mapped")
async def test_only_what_is_there_already_is_a_conflict(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(await user.post(URL, json=BICYCLE)).status_code for _ in range(2)] == [201, 409]
    monkeypatch.setattr(ItemCreate, "model_dump", lambda new: dict(new) | {"name": "Tricycle", "price": None})
    assert (await user.post(URL, json=BICYCLE)).status_code == 500


@practice("health-readiness")
@practice("db-busy-503")
async def test_what_passes_by_itself_is_a_503(
    client: Client, user: AsyncClient, impatience: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = (await user.post(URL, json=BICYCLE)).headers["Location"]
    engine = client.state["engine"]
    engine.pool._timeout = 0.01
    event.listen(engine.sync_engine, "checkout", lambda one, *_: one.cursor().execute(impatience))
    async with engine.begin() as other, AsyncExitStack() as others:
        await other.execute(update(Item).values(name="Tricycle"))
        answers = [await user.patch(url, json={"name": "Unicycle"})]
        for _ in range(engine.pool.size() + engine.pool._max_overflow - 1):
            await others.enter_async_context(engine.connect())
        answers.append(await user.get(url))
        assert (await client.get("/health/ready")).status_code == 200, "busy is not broken"
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "unavailable")] * 2
    assert [int(answer.headers["Retry-After"]) > 0 for answer in answers] == [True] * 2
    assert [record.levelname for record in caplog.records if record.name == "app.database.session"] == ["WARNING"] * 2
    assert "Unicycle" not in caplog.text


@practice("errors-no-input-echo")
async def test_a_row_that_is_refused_is_not_quoted(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ItemCreate, "model_dump", lambda new: dict(new) | {"price": None})
    monkeypatch.setattr(user._transport, "raise_app_exceptions", True)
    with pytest.raises(RuntimeError, match="price") as refusal:
        await user.post(URL, json=BICYCLE)
    assert "Bicycle" not in str(refusal.value)
