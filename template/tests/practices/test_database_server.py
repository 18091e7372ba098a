"""Practices of a database server, which other processes use at the same time."""

import pytest

from app.database.engine import MIGRATION, engine_from
from tests.conftest import Client, MakeSettings
from tests.inspection import text_of

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
