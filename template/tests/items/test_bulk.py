import json
from operator import itemgetter

import pytest
from httpx2 import AsyncClient

from app.items.bulk.repository import ManyItems
from tests.items.test_items import BICYCLE, URL
from tests.streams import Listener, events

practice = pytest.mark.practice
EXPORT, IMPORT = f"{URL}/export", f"{URL}/import"
DAY = BICYCLE["starts_at"]
CSV = {"Content-Type": "text/csv; charset=utf-8"}


async def send(user: AsyncClient, table: str | bytes) -> list[tuple[str, dict[str, object]]]:
    """Import a table, and return what is reported of it."""
    answer = await user.post(IMPORT, content=table, headers=CSV)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    return events(answer.text)


def table_of(number: int) -> str:
    """Return a table with so many items."""
    return "\n".join(["name,price", *(f"Item {one},{one}" for one in range(number))])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make pages so small that a few items fill some of them."""
    monkeypatch.setattr("app.items.bulk.service.PAGE", 2)
    return 2


@pytest.mark.parametrize("number", [0, 4, 5])
async def test_an_export_has_everything_once(user: AsyncClient, few: int, number: int) -> None:
    await send(user, table_of(number))
    answer = await user.get(EXPORT)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jsonl")
    # Databases sort ids in ways of their own.
    found = sorted(map(json.loads, answer.text.splitlines()), key=itemgetter("id"))
    assert found == sorted((await user.get(URL)).json()["items"], key=itemgetter("id"))
    assert len(found) == number > few or number == 0


@practice("stream-ends")
async def test_an_export_that_was_cut_continues(user: AsyncClient, few: int) -> None:
    await send(user, table_of(5))
    whole = (await user.get(EXPORT)).text.splitlines()
    last = json.loads(whole[few])["id"]
    assert (await user.get(EXPORT, params={"after": last})).text.splitlines() == whole[few + 1 :]
    assert (await user.get(EXPORT, params={"after": json.loads(whole[-1])["id"]})).text == ""


@practice("stream-cut-is-seen")
@pytest.mark.usefixtures("few")
async def test_an_export_that_fails_does_not_look_whole(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(user, table_of(3))
    read = ManyItems.after

    async def fail_later(self: ManyItems, item_id: object, limit: int) -> object:
        return await read(self, None, limit) if item_id is None else 1 / 0

    monkeypatch.setattr(ManyItems, "after", fail_later)
    listener = Listener(user, "GET", EXPORT)
    with pytest.raises(ZeroDivisionError):
        await listener.listen()
    assert (len(listener.text.splitlines()), listener.is_complete) == (2, False)


async def test_a_file_is_stored(user: AsyncClient) -> None:
    table = '\ufeffname,price,description,starts_at\nBicycle,120,"Red,\nnew.",\n Tricycle ,1.5,,2026-03-01T00:00:00Z\n'
    assert await send(user, table) == [("progress", {"lines": 4}), ("end", {"stored": 2, "code": "stored"})]
    bicycle, tricycle = sorted((await user.get(URL)).json()["items"], key=lambda item: item["name"])
    assert (bicycle["price"], bicycle["description"], bicycle["starts_at"]) == ("120.00", "Red,\nnew.", None)
    assert (tricycle["name"], tricycle["status"], tricycle["description"]) == ("Tricycle", "draft", None)


async def test_progress_is_told_now_and_then(user: AsyncClient) -> None:
    found = await send(user, table_of(250))
    assert [data["lines"] for name, data in found if name == "progress"] == [101, 201, 251]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("name,price\nSecret,1\nOther,Secret\n", [(3, "price", "value_error")]),
        ("name,price\nSecret,\n,1\n", [(2, "price", "missing"), (3, "name", "missing")]),
        ("name,price\nSecret,1\nSecret,2\n", [(3, "name", "conflict")]),
        ("name,price\nBicycle,1\nSecret,2\n", [(2, "name", "conflict")]),
        (f"name,price,starts_at,ends_at\nSecret,1,{DAY},{DAY}\n", [(2, "ends_at", "invalid_period")]),
        ("name,price\nSecret,1,2\n", [(2, "", "extra_forbidden")]),
        ("Secret,1\nOther,2\n", [(1, "", "unknown_column")]),
        ('name,price\nSecret,1\n"Other,2\n', [(2, "", "not_csv")]),
        (b"name,price\nSecret,1\nSecret\xff,1\n", [(3, "", "not_utf_8")]),
    ],
)
async def test_each_fault_is_named_and_nothing_is_stored(
    user: AsyncClient, table: str | bytes, expected: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    await user.post(URL, json=BICYCLE)
    caplog.set_level("INFO")
    found = await send(user, table)
    assert [(data["line"], data["field"], data["code"]) for name, data in found if name == "invalid"] == expected
    assert found[-1] == ("end", {"stored": 0, "code": "invalid"})
    assert "Secret" not in f"{found}{caplog.text}"
    assert len((await user.get(URL)).json()["items"]) == 1


async def test_what_comes_between_stores_nothing(user: AsyncClient, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(ManyItems, "taken", none)
    await user.post(URL, json={"name": "Item 4", "price": 1})
    assert (await send(user, table_of(few * 2 + 1)))[-1] == ("end", {"stored": 0, "code": "conflict"})
    assert len((await user.get(URL)).json()["items"]) == 1


async def test_only_csv_is_read(user: AsyncClient) -> None:
    for media_type in ("", "text/plain", "application/json"):
        answer = await user.post(IMPORT, content="{}", headers={"Content-Type": media_type})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
