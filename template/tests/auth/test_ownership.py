import pytest
from httpx2 import AsyncClient

practice = pytest.mark.practice
URL = "/api/v1/items"


async def test_items_of_others_do_not_exist(user: AsyncClient, other_user: AsyncClient) -> None:
    url = (await user.post(URL, json={"name": "Bicycle", "price": 1})).headers["Location"]
    assert (await other_user.get(url)).status_code == 404
    assert (await other_user.patch(url, json={"price": 0})).status_code == 404
    assert (await other_user.delete(url)).status_code == 404
    assert (await other_user.get(URL)).json()["items"] == []
    assert (await user.get(url)).status_code == 200


async def test_owners_may_use_the_same_name(user: AsyncClient, other_user: AsyncClient) -> None:
    for owner in (user, other_user):
        assert (await owner.post(URL, json={"name": "Bicycle", "price": 1})).status_code == 201


async def test_administrators_see_everything(user: AsyncClient, other_user: AsyncClient, admin: AsyncClient) -> None:
    for owner in (user, other_user):
        url = (await owner.post(URL, json={"name": "Bicycle", "price": 1})).headers["Location"]
        assert (await admin.get(url)).json() == (await owner.get(url)).json()
    assert len({item["owner_id"] for item in (await admin.get(URL)).json()["items"]}) == 2


@practice("filters-respect-owner")
async def test_no_filter_reaches_what_others_have(user: AsyncClient, other_user: AsyncClient) -> None:
    for owner in (user, other_user):
        await owner.post(URL, json={"name": "Bicycle", "price": 1, "description": "Red."})
    for query in ("status=draft&status=active", "price__gte=0", "search=red", "sort=-price"):
        answer = (await user.get(f"{URL}?count=true&{query}")).json()
        assert (answer["total"], len(answer["items"]), len({item["owner_id"] for item in answer["items"]})) == (1, 1, 1)
