"""Copied into a project that has archives: what their list says must be what plain Python says of the same rows."""

import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from anyio import from_thread, to_thread
from httpx2 import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Client

UNHURRIED = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
URL, ROWS = "/api/v1/archives", 60
# The type of each field, and what it is compared with in which way.
FIELDS: dict[str, dict[str, Any]] = json.loads(os.environ["FIELDS"])
WORDS = ["aB", "Ab c", "b%", "b_", "_x", "a/b", "日本", "\U0001f600", "a b'", *"aA%\\/éÉz~"]
VALUES: dict[str, list[Any]] = {
    "str": WORDS,
    "text": [*WORDS, "a\nb", "a\tb", "a\r\nb", "aa"],
    "int": [-(2**31), -1, 0, 1, 2, 9, 10, 2**31 - 1],
    "decimal": ["-9999999999.99", "-9.90", "0.00", "0.10", "0.20", "0.30", "9.90", "10.00", "9999999999.98"],
    "money": ["0.00", "0.01", "0.10", "0.30", "9.90", "10.00", "9999999999.98", "9999999999.99"],
    "bool": [True, False],
    "date": ["1970-01-01", "2026-01-31", "2026-02-01", "2026-10-01", "9999-12-31"],
    "datetime": [f"2026-01-31T{time}Z" for time in ("12:00:00", "12:00:00.5", "12:00:00.000001", "12:00:00.499999")]
    + ["9999-12-31T23:59:59.999999Z"],
    "uuid": [str(UUID(int=number)) for number in (1, 2, 2**64, 2**127 + 1)],
    "email": [f"{name}@example.com" for name in ("a", "A", "b_c", "b%c", "ada")],
    "url": [f"https://example.com/{name}" for name in ("a", "A", "b_c", "b%25", "")],
    "enum": ["draft", "active", "in-progress"],
    "json": [{}, {"a": 1}],
}


def rank(kind: str, value: Any) -> Any:
    """Return what puts a value of a type in its place."""
    return {"decimal": Decimal, "money": Decimal, "datetime": datetime.fromisoformat}.get(kind, lambda one: one)(value)


def fold(text: str) -> str:
    """Make A to Z small, and on MySQL all letters that are here."""
    return text.lower() if os.environ["DATABASE"] == "mysql" else text.encode().lower().decode()


def digits(id_: str) -> list[str]:
    """Return what puts an id in its place: MariaDB begins with the last part, unless the first one is a time."""
    parts = id_.split("-")
    return parts[::-1] if os.environ["DATABASE"] == "mysql" and parts[2][0] != "7" else parts


def is_met(kind: str, how: str, stored: Any, wanted: Any) -> bool:
    if stored is None:
        return False
    match how:
        case "":
            return stored in wanted
        case "contains":
            return fold(wanted) in fold(stored)
        case "gte":
            return bool(rank(kind, stored) >= rank(kind, wanted))
        case "lte":
            return bool(rank(kind, stored) <= rank(kind, wanted))
        case "lt":
            return bool(rank(kind, stored) < rank(kind, wanted))
    raise AssertionError(how)


def kind_of(name: str) -> str:
    return str(FIELDS[name]["type"]) if name in FIELDS else "datetime"


def expected(rows: list[dict[str, Any]], query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that fit, in order."""
    left = rows
    for parameter, wanted in query.items():
        name, _, how = parameter.partition("__")
        if parameter == "search":
            texts = [field for field, facts in FIELDS.items() if facts["searched"]]
            for word in wanted.split():
                left = [row for row in left if any(is_met("text", "contains", row[text], word) for text in texts)]
        elif parameter not in {"sort", "limit", "offset"}:
            left = [row for row in left if is_met(kind_of(name), how, row[name], wanted)]
    keys = query.get("sort", "created_at").split(",")
    left = sorted(left, key=lambda row: digits(row["id"]), reverse=keys[-1].startswith("-"))
    for key in reversed(keys):
        name = key.removeprefix("-")
        there = [row for row in left if row[name] is not None]
        there.sort(key=lambda row: rank(kind_of(name), row[name]), reverse=key.startswith("-"))
        left = there + [row for row in left if row[name] is None]
    return left


def parameters() -> dict[str, st.SearchStrategy[Any]]:
    """Return what each filter may be."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    for name, facts in FIELDS.items():
        values = st.sampled_from(VALUES[facts["type"]])
        texts = st.text("aAbB%_\\/éÉz 1日'", min_size=1, max_size=3).filter(lambda text: text == text.strip())
        for how in facts["filters"]:
            found[f"{name}__{how}" if how else name] = {
                "": st.lists(values, min_size=1, max_size=3),
                "contains": st.one_of(texts, values.filter(lambda text: "\n" not in text and "\t" not in text)),
            }.get(how, values)
    sortable = ["created_at", *(name for name, facts in FIELDS.items() if facts["ranks"])]
    keys = st.sampled_from([sign + name for name in sortable for sign in ("", "-")])
    found["sort"] = st.lists(keys, min_size=1, max_size=3).map(",".join)
    found["search"] = st.lists(st.text("aAbBcé%_", min_size=1, max_size=2), min_size=1, max_size=3).map(" ".join)
    return found


def queries() -> st.SearchStrategy[dict[str, Any]]:
    """Return queries of up to four parameters, and of a part of what is found."""
    found = parameters()
    page = {"limit": st.integers(1, 9), "offset": st.integers(0, 9)}
    return st.lists(st.sampled_from(sorted(found)), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: found[name] for name in names}, optional=page)
    )


async def collate(client: Client) -> None:
    """Let PostgreSQL treat these texts as people do: that of most places sorts them so, and this one knows É and é."""
    async with client.state["engine"].begin() as connection:
        found = await connection.exec_driver_sql("SELECT collname FROM pg_collation WHERE collname = 'und-x-icu'")
        collation = found.scalar() or "pg_unicode_fast"
        for name, facts in FIELDS.items():
            if facts["type"] in {"str", "text", "email", "url", "enum"}:
                change = f'ALTER TABLE archive ALTER COLUMN {name} TYPE varchar COLLATE "{collation}"'
                await connection.exec_driver_sql(change)


@pytest.fixture
async def rows(user: AsyncClient, client: Client) -> list[dict[str, Any]]:
    """Create rows in which each value meets the others, and some are empty; return what is told of them."""
    if os.environ["DATABASE"] == "postgresql":
        await collate(client)
    shelves = [(await user.post("/api/v1/shelves", json={"name": name})).json()["id"] for name in "abc"]
    VALUES["ref"] = shelves
    for number in range(ROWS):
        body = {}
        for place, (name, facts) in enumerate(FIELDS.items()):
            # Each field at its own pace, and every fourth that can be empty is.
            values, turn = VALUES[facts["type"]], (number * (place + 1) + number // 7) % 997
            body[name] = None if facts["optional"] and turn % 4 == 0 else values[turn % len(values)]
        created = await user.post(URL, json=body)
        assert created.status_code == 201, created.text
    answer = (await user.get(URL, params={"limit": 100, "count": "true"})).json()
    assert answer["total"] == ROWS
    found: list[dict[str, Any]] = answer["items"]
    return found


async def agree(get: Callable[..., Awaitable[Any]], rows: list[dict[str, Any]], query: dict[str, Any]) -> None:
    found = expected(rows, query)
    answer = await get(URL, params={"limit": 100, "count": "true"} | query)
    assert answer.status_code == 200, answer.text
    limit, offset = query.get("limit", 100), query.get("offset", 0)
    assert answer.json()["total"] == len(found), query
    seen = [row["id"] for row in answer.json()["items"]]
    assert (len(seen) == limit) or not answer.json()["next"], query
    for _ in range(4):
        if answer.json()["next"]:
            answer = await get(URL, params={"limit": 100} | query | {"after": answer.json()["next"], "offset": 0})
            seen += [row["id"] for row in answer.json()["items"]]
    left = [row["id"] for row in found[offset:]]
    assert seen == left[: len(seen)], query
    assert bool(answer.json()["next"]) is (len(seen) < len(left)), query


async def test_every_type_in_every_way(user: AsyncClient, rows: list[dict[str, Any]]) -> None:
    each: list[dict[str, Any]] = []
    for name, facts in FIELDS.items():
        values = [one for one in VALUES[facts["type"]] if facts["type"] != "text" or {"\n", "\t"}.isdisjoint(one)]
        for how in facts["filters"]:
            each += [{f"{name}__{how}": value} if how else {name: [value]} for value in values]
        each += [{"sort": sign + name} for sign in ("", "-") if facts["ranks"]]
    times = [row["created_at"] for row in rows[::10]]
    each += chain.from_iterable([{"created_at__gte": time}, {"created_at__lt": time}] for time in times)
    for query in each:
        await agree(user.get, rows, query)


async def test_any_query(user: AsyncClient, rows: list[dict[str, Any]]) -> None:
    @settings(parent=UNHURRIED, max_examples=int(os.environ["EXAMPLES"]))
    @given(queries())
    def check(query: dict[str, Any]) -> None:
        from_thread.run(agree, user.get, rows, query)

    await to_thread.run_sync(check)


async def turn(user: AsyncClient, sort: str, limit: int, moves: list[int]) -> None:
    """Go from page to page, while others create and delete; what was there all the time is seen once, and in order."""
    created = (await user.get(URL, params={"limit": 100})).json()["items"]
    stays, seen, after, moves = {row["id"]: row for row in created}, list[dict[str, Any]](), {}, [*moves]
    while True:
        answer = (await user.get(URL, params={"sort": sort, "limit": limit} | after)).json()
        seen += answer["items"]
        if not answer["next"]:
            break
        after = {"after": answer["next"]}
        for move in moves[:2]:
            # Of every two moves one deletes: the last that was seen, or any.
            gone = answer["items"][-1]["id"] if move % 3 == 0 else created[move % len(created)]["id"]
            if move % 2 and stays.pop(gone, None):
                assert (await user.delete(f"{URL}/{gone}")).status_code == 204
            else:
                body = {name: created[move % len(created)][name] for name in FIELDS}
                assert (await user.post(URL, json=body)).status_code == 201
        moves = moves[2:]
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids))
    assert [id_ for id_ in ids if id_ in stays] == [row["id"] for row in expected([*stays.values()], {"sort": sort})]


async def test_pages_hold_while_others_write(user: AsyncClient, rows: list[dict[str, Any]]) -> None:
    assert rows
    moves = st.lists(st.integers(0, 999), min_size=4, max_size=12)

    @settings(parent=UNHURRIED, max_examples=int(os.environ["EXAMPLES"]) // 20)
    @given(parameters()["sort"], st.integers(9, 20), moves)
    def check(sort: str, limit: int, moves: list[int]) -> None:
        from_thread.run(turn, user, sort, limit, moves)

    await to_thread.run_sync(check)
