"""Practices of a database server, which other processes use at the same time."""

from asyncio import gather
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import Connection, delete, event, func, select
from sqlalchemy.orm import Session

from app.database.engine import MIGRATION, engine_from
from app.items.models import Item
from tests.conftest import Client, MakeSettings
from tests.inspection import text_of
from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice


@practice("db-bounded-waits")
async def test_nothing_waits_for_ever_but_a_migration(client: Client, limits: str) -> None:
    async with client.state["engine"].connect() as connection:
        assert all(0 < float(seconds) <= 60 for seconds in (await connection.exec_driver_sql(limits)).one())
        for statement in MIGRATION:
            await connection.exec_driver_sql(statement)
        assert 0 in map(float, (await connection.exec_driver_sql(limits)).one())


@practice("settings-typed-values")
def test_a_password_may_have_any_character(make_settings: MakeSettings) -> None:
    address = text_of(".env.example").partition("URL=")[2].partition("://")[0] + "://app:p@ss:/w#rd?$@[::1]:1/app?a=b@c"
    url = engine_from(make_settings(database={"url": address})).url
    assert (url.password, url.host, url.port, url.query["a"]) == ("p@ss:/w#rd?$", "::1", 1, "b@c")


@practice("db-read-committed")
async def test_a_transaction_sees_what_others_have_committed(client: Client, user: AsyncClient) -> None:
    async with client.state["sessionmaker"]() as session:
        counts = []
        for number in range(2):
            counts.append(await session.scalar(select(func.count()).select_from(Item)))
            assert (await user.post(URL, json=BICYCLE | {"name": f"{number}"})).status_code == 201
    assert counts == [0, 1]


@practice("db-read-committed")
async def test_changes_of_one_thing_wait_for_each_other(user: AsyncClient) -> None:
    for _ in range(5):
        url = (await user.post(URL, json=BICYCLE)).headers["Location"]
        late, early = {"starts_at": "2026-03-20T00:00:00Z"}, {"ends_at": "2026-03-10T00:00:00Z"}
        answers = await gather(*(user.patch(url, json=change) for change in (late, early)))
        assert sorted(answer.status_code for answer in answers) == [200, 422]
        codes = [one.status_code for one in await gather(user.delete(url), user.patch(url, json={}), user.delete(url))]
        assert codes.count(204) == 1
        assert {*codes} <= {200, 204, 404}


@practice("db-read-only-requests")
async def test_reading_cannot_write(user: AsyncClient) -> None:
    def empty(_session: Session, _transaction: Any, connection: Connection) -> None:
        connection.execute(delete(Item))

    await user.post(URL, json=BICYCLE)
    event.listen(Session, "after_begin", empty)
    try:
        assert (await user.get(URL)).status_code == 500
    finally:
        event.remove(Session, "after_begin", empty)
    assert len((await user.get(URL)).json()["items"]) == 1
