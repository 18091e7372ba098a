from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from httpx2 import AsyncClient

from app.core.parameters import is_list

practice = pytest.mark.practice
URL = "/api/v1/items"
ITEMS = [
    {"name": "Red bike", "description": "50% off", "price": "120.00", "starts_at": "2026-03-01T12:00:00.5Z"},
    {"name": "blue Bike", "price": "99.50", "status": "active", "starts_at": "2026-03-01T12:00:00Z"},
    {"name": "Éclair", "description": "red_and round", "price": "9.90", "status": "archived"},
]
RED, BLUE, ECLAIR = (item["name"] for item in ITEMS)
Listed = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
async def listed(user: AsyncClient) -> Listed:
    """Return a function that lists the items; `name` is what it tells of each."""
    for item in ITEMS:
        assert (await user.post(URL, json=item)).status_code == 201

    async def listed(field: str = "name", **wanted: Any) -> list[Any]:
        answer = (await user.get(URL, params={"count": "true"} | wanted)).json()
        assert answer["total"] == len(answer["items"]) or "after" in wanted
        return [item[field] for item in answer["items"]]

    return listed


@practice("list-filters-typed")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": "active"}, [BLUE]),
        ({"status": ["active", "archived"]}, [BLUE, ECLAIR]),
        ({"status": ["active"] * 100, "sort": ["name"] * 10}, [BLUE]),
        ({"price__gte": "99.50"}, [RED, BLUE]),
        ({"price__lte": "99.50"}, [BLUE, ECLAIR]),
        ({"price__gte": "9.91", "price__lte": "119.99"}, [BLUE]),
        ({"starts_at__gte": "2026-03-01T12:00:00.000001Z"}, [RED]),
        ({"starts_at__gte": "2026-03-01T13:00:00+01:00"}, [RED, BLUE]),
        ({"starts_at__lt": "2026-03-01T12:00:00.5Z"}, [BLUE]),
        ({"name__contains": "BIKE"}, [RED, BLUE]),
        ({"name__contains": "Écl"}, [ECLAIR]),
        ({"search": "red"}, [RED, ECLAIR]),
        ({"search": "round É"}, [ECLAIR]),
        ({"search": "r e d b off"}, [RED]),
        ({"search": "red", "status": "draft"}, [RED]),
    ],
)
async def test_a_list_has_what_fits(listed: Listed, wanted: dict[str, Any], found: list[str]) -> None:
    assert await listed(**wanted) == found


@practice("list-filters-typed")
async def test_when_it_was_created_is_a_filter(listed: Listed) -> None:
    first, *_, last = await listed("created_at")
    assert await listed(created_at__gte=first) == [RED, BLUE, ECLAIR]
    assert await listed(created_at__lt=first) == []
    assert ECLAIR in await listed(created_at__gte=last)
    assert ECLAIR not in await listed(created_at__lt=last)


@practice("list-filters-typed")
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", ("", "Draft", ["draft"] * 101)),
        ("price__gte", ("", "1_0", "1e1", "9.999", "-1")),
        ("starts_at__lt", ("0", "2026", "2026-03-01T00:00:00")),
        ("name__contains", ("", " ", "\0", "\ufffd", "x" * 101)),
        ("search", ("", "\0", "a b c d e f", "x" * 201)),
        ("sort", ("", "nmae", "+name", "name,", ["name"] * 11)),
        ("starts_at", ("2026-03-01T00:00:00Z",)),
        ("prize__gte", ("1",)),
    ],
)
async def test_what_is_no_filter_is_refused(user: AsyncClient, name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        answer = await user.get(URL, params={name: value})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"].split("/")[2]) == (422, name), value


@practice("list-filters-typed")
@pytest.mark.parametrize("name", ["price__gte", "name__contains", "starts_at__lt", "search", "limit", "offset"])
async def test_what_has_one_value_is_sent_once(user: AsyncClient, name: str) -> None:
    answer = await user.get(URL, params=[(name, "1"), ("status", "draft"), ("status", "draft"), (name, "2")])
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, f"/query/{name}", "repeated")


@practice("list-filters-typed")
def test_what_may_have_several_values_is_known_by_its_type() -> None:
    assert [is_list(kind) for kind in (list[int], tuple[int, ...] | None, int | None)] == [True, True, False]


@practice("list-filters-typed")
async def test_who_mistypes_a_name_is_told_the_right_one(user: AsyncClient) -> None:
    answers = [await user.get(URL, params={"prize__gte": 1, "x" * 60: 1}), await user.post(URL, json={"nam": "Bike"})]
    told = {error["pointer"]: error["message"] for answer in answers for error in answer.json()["errors"]}
    assert told["/query/prize__gte"] == "Extra inputs are not permitted; did you mean price__gte?"
    assert told["/body/nam"] == "Extra inputs are not permitted; did you mean name?"
    assert told[f"/query/{'x' * 60}"] == "Extra inputs are not permitted"


@practice("list-order-total")
async def test_a_list_has_one_order(listed: Listed, user: AsyncClient) -> None:
    assert await listed() == [RED, BLUE, ECLAIR]
    assert await listed(sort="-created_at") == [ECLAIR, BLUE, RED]
    assert await listed(sort="name") == [RED, BLUE, ECLAIR], "by code point"
    assert await listed(sort="-price") == [RED, BLUE, ECLAIR]
    assert await listed(sort="description") == [RED, ECLAIR, BLUE], "what is empty comes last"
    assert await listed(sort="-description") == [ECLAIR, RED, BLUE], "also downwards"
    for number in range(9):
        await user.post(URL, json={"name": f"Bike {number}", "price": number % 2})
    equal = await listed("id", status="draft", sort="status")
    assert await listed("id", status="draft", sort="-status") == equal[::-1], "by the id, where nothing else tells"
    for sort in ("-price,name", ["-price", "name"]):
        ordered = [f"Bike {number}" for number in (1, 3, 5, 7, 0, 2, 4, 6, 8)]
        assert await listed(status="draft", sort=sort) == [RED, *ordered]


@practice("pages-by-key")
@pytest.mark.parametrize("sort", ["", "-created_at", "status,-price", "-description", "ends_at,name"])
async def test_pages_go_on_where_the_last_one_ended(user: AsyncClient, sort: str) -> None:
    urls = dict[str, str]()
    for number in range(12):
        name, description = f"Bike {number % 5}{number}", "Red" if number % 4 else None
        item = {"name": name, "price": number % 3, "description": description}
        urls[name] = (await user.post(URL, json=item)).headers["Location"]
    wanted: dict[str, Any] = {"limit": 3} | ({"sort": sort} if sort else {})
    everything = [item["name"] for item in (await user.get(URL, params=wanted | {"limit": 100})).json()["items"]]
    seen, url = list[str](), f"{URL}?{urlencode(wanted)}"
    for number in range(9):
        answer = await user.get(url)
        page = [item["name"] for item in answer.json()["items"]]
        seen += page
        # What is new is anywhere, and of what was seen the last one, by which the next page begins, is gone.
        await user.post(URL, json={"name": f"New {number}", "price": number, "description": "New."})
        await user.delete(urls.get(page[-1], url))
        assert ("next" in answer.links) is bool(answer.json()["next"])
        if "next" not in answer.links:
            break
        assert len(page) == 3
        url = urljoin(url, answer.links["next"]["url"])
    assert [name for name in seen if name in urls] == everything
    assert (len({*seen}), answer.json()["next"]) == (len(seen), None)


@practice("pages-by-key")
async def test_where_texts_are_long_a_page_begins_behind_an_entry(user: AsyncClient, listed: Listed) -> None:
    for number in range(2):
        await user.post(URL, json={"name": f"Bike {number}", "price": 1, "description": "\U0001f6b2" * 2000})
    order = await listed("id", sort="-description")
    cursor = (await user.get(URL, params={"sort": "-description", "limit": 1})).json()["next"]
    assert len(cursor) < 1000
    assert await listed("id", sort="-description", after=cursor) == order[1:]
    await user.delete(f"{URL}/{order[0]}")
    assert (await user.get(URL, params={"sort": "-description", "after": cursor})).json()["code"] == "invalid_cursor"


@practice("pages-by-key")
async def test_a_cursor_is_for_one_order(user: AsyncClient, listed: Listed) -> None:
    cursors = [(await user.get(f"{URL}?limit=1{by}")).json()["next"] for by in ("", "&sort=-created_at")]
    assert await listed(after=cursors[0], offset=1) == [ECLAIR]
    texts = ("[]", '[["created_at","id"],"\\u0000",1]', '[["created_at","id"],"2026-01-01T00:00:00Z"]')
    forged = [urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in texts]
    for after in ("x", "x" * 1000, cursors[1], cursors[0][:-9], *forged):
        answer = await user.get(URL, params={"after": after})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), after
        assert answer.json()["errors"][0]["pointer"] == "/query/after"


@practice("list-order-total")
async def test_the_document_names_each_order(user: AsyncClient) -> None:
    operation = (await user.get("/openapi.json")).json()["paths"][URL]["get"]
    schema = next(one["schema"] for one in operation["parameters"] if one["name"] == "sort")
    assert {"price", "-price", "created_at", "-created_at"} < {*schema["items"]["enum"]}


@practice("filters-escape-wildcards")
async def test_nothing_stands_for_something_else(listed: Listed) -> None:
    assert await listed(name__contains="_") == await listed(name__contains="%") == []
    assert await listed(search="50%") == [RED]
    assert await listed(search="d_a") == [ECLAIR]
    for sign in ("\\", "/", "'", "[a-z]", "*", "d_a%"):
        assert await listed(search=sign) == [], sign
