import pytest
from httpx2 import AsyncClient

practice = pytest.mark.practice
URL = "/api/v1/items"
BICYCLE = {"name": "Bicycle", "price": "120.00", "starts_at": "2026-03-01T00:00:00Z"}


@practice("status-codes-explicit")
async def test_create_and_read(user: AsyncClient) -> None:
    created = await user.post(URL, json=BICYCLE | {"description": "Red."})
    assert created.status_code == 201
    item = created.json()
    assert (item["name"], item["status"], item["price"]) == ("Bicycle", "draft", "120.00")
    read = await user.get(created.headers["Location"])
    assert (read.status_code, read.json()) == (200, item)


@practice("bounded-pagination")
async def test_list_is_stable_and_bounded(user: AsyncClient) -> None:
    for number in range(5):
        await user.post(URL, json={"name": f"Item {number}", "price": number})
    first = (await user.get(URL, params={"limit": 1})).json()
    second = (await user.get(URL, params={"limit": 2, "offset": 1})).json()
    rest = (await user.get(URL, params={"limit": 100, "offset": 3})).json()
    everything = (await user.get(URL)).json()
    assert (first["total"], everything["limit"], everything["offset"]) == (None, 20, 0)
    for query, total in (("", 5), ("&limit=2&offset=1", 5), ("&price__gte=1", 4), ("&price__gte=9", 0)):
        assert (await user.get(f"{URL}?count=true{query}")).json()["total"] == total
    assert first["items"] + second["items"] + rest["items"] == everything["items"]
    assert any("." in item["created_at"] for item in everything["items"]), "whole seconds give no order"
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"limit": "1_0"}, {"limit": "+1"}, {"count": 1}):
        assert (await user.get(URL, params=wrong)).status_code == 422


@practice("update-exclude-unset")
@practice("patch-for-partial")
@practice("pydantic-v2-api")
async def test_update_changes_only_what_is_sent(user: AsyncClient) -> None:
    item = (await user.post(URL, json=BICYCLE | {"description": "Red."})).json()
    url = f"{URL}/{item['id']}"
    changed = await user.patch(url, json={"price": "-0", "description": None})
    assert changed.status_code == 200
    assert changed.json() == item | {"price": "0.00", "description": None, "updated_at": changed.json()["updated_at"]}
    assert (await user.get(url)).json() == changed.json()


@practice("update-fields-optional")
async def test_update_may_not_empty_what_is_required(user: AsyncClient) -> None:
    url = (await user.post(URL, json=BICYCLE)).headers["Location"]
    assert (await user.patch(url, json={"name": None})).status_code == 422


@practice("cross-field-validation")
async def test_a_period_ends_after_it_starts(user: AsyncClient) -> None:
    end = {"ends_at": "2026-02-01T00:00:00Z"}
    url = (await user.post(URL, json=BICYCLE)).headers["Location"]
    for response in (await user.post(URL, json=BICYCLE | end), await user.patch(url, json=end)):
        assert (response.status_code, response.json()["code"]) == (422, "invalid_period")
        assert [error["pointer"] for error in response.json()["errors"]] == ["/body/ends_at"]


@practice("field-constraints")
@practice("strip-and-reject-blank")
async def test_text_is_trimmed_and_values_are_as_documented(user: AsyncClient) -> None:
    names = ("   ", "Bi\0cycle", "\u200b", "\u200d", "Bi\u202ecycle", "\x1b[31mBicycle")
    wrong = {"name": names, "price": ("1_0.00", "\u0663", "1e1", True), "starts_at": (0, 1.5, "1767225600", "2026")}
    for body in [{**BICYCLE, name: value} for name, values in wrong.items() for value in values]:
        assert (await user.post(URL, json=body)).status_code == 422
    assert (await user.post(URL, json=BICYCLE | {"name": " Bicycle "})).json()["name"] == "Bicycle"


@practice("validation-errors-uniform")
async def test_names_are_unique(user: AsyncClient) -> None:
    await user.post(URL, json=BICYCLE)
    other = (await user.post(URL, json=BICYCLE | {"name": "Tricycle"})).json()
    again = [await user.post(URL, json=BICYCLE), await user.patch(f"{URL}/{other['id']}", json={"name": "Bicycle"})]
    assert [(one.status_code, one.json()["errors"][0]["pointer"]) for one in again] == [(409, "/body/name")] * 2
    assert len((await user.get(URL)).json()["items"]) == 2


@practice("not-found-404")
async def test_delete(user: AsyncClient) -> None:
    url = (await user.post(URL, json=BICYCLE)).headers["Location"]
    assert (await user.delete(url)).status_code == 204
    assert (await user.get(url)).status_code == 404
    assert (await user.delete(url)).status_code == 404
    assert (await user.patch(url, json={})).status_code == 404
