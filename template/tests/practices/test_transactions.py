"""Practices of sessions: each request has one, and one transaction."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from inspect import isasyncgenfunction
from typing import get_type_hints

import pytest
from fastapi import FastAPI
from sqlalchemy import column, event, func, insert, select, table, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.schemas import InputSchema, ShortText
from app.database.session import SessionDep, get_session
from tests.conftest import Client, Run
from tests.inspection import calls, dependants

practice = pytest.mark.practice
THINGS = table("thing", column("id"), column("name"))
CREATE = "CREATE TABLE thing (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, note VARCHAR(9) DEFAULT 'a note')"


class Thing(InputSchema):
    """What the tests store."""

    name: ShortText | None = "Bicycle"


@pytest.fixture
async def storing(app: FastAPI, run: Run) -> AsyncIterator[Client]:
    """Call an application that stores things, in a table that no other test knows."""

    @app.post("/things")
    async def add(thing: Thing, session: SessionDep) -> None:
        await session.execute(insert(THINGS).values(id=1, name=thing.name))
        if thing.name == "Unicycle":
            raise KeyError

    @app.patch("/things")
    async def change(thing: Thing, session: SessionDep) -> None:
        await session.execute(update(THINGS).values(name=thing.name))

    @app.get("/things")
    async def count(session: SessionDep) -> int:
        return await session.scalar(select(func.count()).select_from(THINGS)) or 0

    async with run(app) as client:
        async with client.state["engine"].begin() as connection:
            await connection.execute(text(CREATE))
        try:
            yield client
        finally:
            async with client.state["engine"].begin() as connection:
                await connection.execute(text("DROP TABLE thing"))


@practice("session-per-request")
@practice("commit-before-response")
def test_sessions_come_from_one_dependency(api: FastAPI) -> None:
    sessions = [one for one in dependants(api) if one.call is get_session]
    assert {(one.scope, one.request_param_name) for one in sessions} <= {("function", None)}, "a socket is no request"
    # A service may read in a session of its own what must not hold up the request.
    made = [place.partition(":")[0] for place in calls("AsyncSession", "async_sessionmaker", "sessionmaker", "readers")]
    assert [path for path in made if path != "app/database/session.py" and not path.endswith("/service.py")] == []
    assert calls("commit", "rollback") == []


@practice("dep-return-types")
def test_generators_are_annotated_as_iterators(api: FastAPI) -> None:
    generators = {get_session, *(one.call for one in dependants(api) if isasyncgenfunction(one.call))}
    hints = [str(get_type_hints(call)["return"]) for call in generators]
    assert [hint for hint in hints if "AsyncIterator[" not in hint and "AsyncGenerator[" not in hint] == []


def fail(*_: object) -> None:
    raise DBAPIError("INSERT", {}, ValueError())


@practice("commit-before-response")
async def test_what_is_not_stored_is_no_success(storing: Client) -> None:
    event.listen(Session, "before_commit", fail)
    try:
        assert (await storing.post("/things", json={})).status_code == 500
    finally:
        event.remove(Session, "before_commit", fail)
    assert (await storing.get("/things")).json() == 0


@practice("rollback-on-exception")
async def test_a_request_that_fails_stores_nothing(storing: Client) -> None:
    assert (await storing.post("/things", json={"name": "Unicycle"})).status_code == 500
    assert (await storing.get("/things")).json() == 0


@practice("integrity-errors-mapped")
async def test_only_what_is_there_already_is_a_conflict(storing: Client) -> None:
    sent: list[dict[str, None]] = [{"name": None}, {}, {}]
    assert [(await storing.post("/things", json=one)).status_code for one in sent] == [500, 200, 409]


@practice("health-readiness")
@practice("db-busy-503")
async def test_what_passes_by_itself_is_a_503(
    storing: Client, impatience: str, caplog: pytest.LogCaptureFixture
) -> None:
    await storing.post("/things", json={})
    engine = storing.state["engine"]
    usual, engine.pool._timeout = engine.pool._timeout, 0.01
    event.listen(engine.sync_engine, "checkout", lambda one, *_: one.cursor().execute(impatience))
    async with engine.begin() as other, AsyncExitStack() as others:
        await other.execute(update(THINGS).values(name="Tricycle"))
        answers = [await storing.patch("/things", json={"name": "Penny-farthing"})]
        for _ in range(engine.pool.size() + engine.pool._max_overflow - 1):
            await others.enter_async_context(engine.connect())
        answers.append(await storing.get("/things"))
        assert (await storing.get("/health/ready")).status_code == 200, "busy is not broken"
    engine.pool._timeout = usual
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "unavailable")] * 2
    assert [int(answer.headers["Retry-After"]) > 0 for answer in answers] == [True] * 2
    assert [record.levelname for record in caplog.records if record.name == "app.database.session"] == ["WARNING"] * 2
    assert "Penny-farthing" not in caplog.text


@practice("errors-no-input-echo")
async def test_a_row_that_is_refused_is_not_quoted(storing: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await storing.post("/things", json={})
    monkeypatch.setattr(storing._transport, "raise_app_exceptions", True)
    with pytest.raises(RuntimeError, match="name") as refusal:
        await storing.patch("/things", json={"name": None})
    assert "a note" not in str(refusal.value)
