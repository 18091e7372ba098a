"""Copied into a project with accounts: how its database finds the pages of a list that is mostly one account's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.items.models import Item
from httpx2 import AsyncClient
from sqlalchemy import Engine, event, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.account import add_account

from tests.conftest import Client

URL, ROWS, OTHERS, LIMIT = "/api/v1/items", 100_000, 4, 20
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Plan = tuple[str, float]


async def fill(client: Client, user: AsyncClient) -> None:
    """Store all rows: of every twenty, sixteen are the user's, and three in a row have the same time."""
    owners = [UUID((await user.get("/api/v1/users/me")).json()["id"])] * 16
    owners += [(await add_account(client.state, f"other{number}", admin=False)).id for number in range(OTHERS)]
    rows = [
        {
            "owner_id": owners[number % len(owners)],
            "name": f"Item {number}",
            "price": 1,
            "status": "draft",
            "created_at": BEGIN + timedelta(seconds=number // 3),
        }
        for number in range(ROWS)
    ]
    async with client.state["engine"].begin() as connection:
        for first in range(0, ROWS, 10_000):
            await connection.execute(insert(Item), rows[first : first + 10_000])
        if connection.dialect.name != "sqlite":
            analyze = "ANALYZE TABLE item" if connection.dialect.name == "mysql" else "ANALYZE item"
            await connection.exec_driver_sql(analyze)


async def in_sqlite(connection: AsyncConnection, query: str, values: Any) -> Plan:
    """Tell the plan, and how often it took thirty steps, which are about a row."""
    plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)).all()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    steps: list[None] = []
    await driver.set_progress_handler(lambda: steps.append(None), 30)
    (await connection.exec_driver_sql(query, values)).all()
    await driver.set_progress_handler(None, 0)
    return str(plan), len(steps)


async def in_postgresql(connection: AsyncConnection, query: str, values: Any) -> Plan:
    """Tell the plan, and how many rows were read."""
    explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values)
    plan = explained.scalar_one()
    nodes, read = [plan[0]["Plan"]], 0.0
    for node in nodes:
        nodes += node.get("Plans", [])
        if "Plans" not in node:
            read += (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return json.dumps(plan), read


async def in_mysql(connection: AsyncConnection, query: str, values: Any) -> Plan:
    """Tell the plan, and how many rows were read."""
    plan = (await connection.exec_driver_sql(f"EXPLAIN {query}", values)).all()
    await connection.exec_driver_sql("FLUSH STATUS")
    (await connection.exec_driver_sql(query, values)).all()
    counts = (await connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'")).all()
    return str(plan), sum(int(count[1]) for count in counts)


PLANS = {"sqlite": in_sqlite, "postgresql": in_postgresql, "mysql": in_mysql}
# How each database says that it sorts, or looks at a whole table.
SLOW = ("TEMP B-TREE", "SCAN item", '"Sort"', '"Incremental Sort"', "Seq Scan", "filesort", "'ALL'")


async def test_a_page_costs_what_is_on_it(client: Client, user: AsyncClient) -> None:
    await fill(client, user)
    queries: list[tuple[str, Any]] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, query: str, values: Any, *_: object) -> None:
        queries.extend([(query, values)] if "FROM item" in query else [])

    middle = (BEGIN + timedelta(seconds=ROWS // 6)).isoformat()
    for sort, side in (("created_at", "created_at__gte"), ("-created_at", "created_at__lt")):
        wanted = {"sort": sort, "limit": LIMIT}
        begin = (await user.get(URL, params={**wanted, side: middle})).json()
        queries.clear()
        for page in ({}, {"after": begin["next"]}):
            assert len((await user.get(URL, params=wanted | page)).json()["items"]) == LIMIT
        async with client.state["engine"].connect() as connection:
            for query, values in tuple(queries):
                plan, read = await PLANS[connection.dialect.name](connection, query, values)
                assert [word for word in SLOW if word in plan] == [], (plan, query)
                assert read <= 3 * LIMIT, (plan, query)
