"""Changes that are meant for one version, in an application that asks for which."""

from asyncio import gather

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.conftest import CreateApp, MakeSettings
from tests.items.test_items import BICYCLE

practice = pytest.mark.practice
URL = "/api/v1/items"


@pytest.fixture(scope="session")
def api(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    """Return an application in which no change may overrule another one unseen."""
    return create_app(make_settings(http={"if_match_required": "true"}))


@practice("no-lost-update")
async def test_a_change_is_meant_for_one_version(user: AsyncClient) -> None:
    created = await user.post(URL, json=BICYCLE)
    url, tag = created.headers["Location"], created.headers["ETag"]
    assert (await user.get(url)).headers["ETag"] == tag
    assert [(await user.patch(url, json={})).status_code, (await user.delete(url)).status_code] == [428, 428]
    others = ('"another"', f"W/{tag}", tag.strip('"'))
    for number, (expected, status) in enumerate([*((other, 412) for other in others), (f'"another", {tag}', 200)]):
        answer = await user.patch(url, json={"price": number}, headers={"If-Match": expected})
        assert answer.status_code == status
        assert (await user.get(url)).json()["price"] == ("3.00" if status == 200 else BICYCLE["price"])
    assert answer.headers["ETag"] == (await user.get(url)).headers["ETag"] != tag
    lines = [("If-Match", '"another"'), ("If-Match", answer.headers["ETag"])]
    assert (await user.patch(url, json={}, headers=lines)).status_code == 200, "lines count together (RFC 9110, 5.3)"
    for expected, status, code in ((tag, 412, '"changed"'), ("*", 204, "")):
        answer = await user.delete(url, headers={"If-Match": expected})
        assert (answer.status_code, code in answer.text) == (status, True)


@practice("no-lost-update")
async def test_what_the_client_has_is_not_sent_again(user: AsyncClient) -> None:
    created = await user.post(URL, json=BICYCLE)
    tag = created.headers["ETag"]
    for known, status in ((tag, 304), (f'"another", W/{tag}', 304), ("*", 304), ('"another"', 200), ("another", 200)):
        answer = await user.get(created.headers["Location"], headers={"If-None-Match": known})
        assert (answer.status_code, bool(answer.content), answer.headers["ETag"]) == (status, status == 200, tag)
    lines = [("If-None-Match", '"another"'), ("If-None-Match", tag)]
    assert (await user.get(created.headers["Location"], headers=lines)).status_code == 304


@practice("no-lost-update")
async def test_of_two_changes_to_one_version_one_counts(user: AsyncClient) -> None:
    url = (await user.post(URL, json=BICYCLE)).headers["Location"]
    for low in range(0, 20, 4):  # changes meet by chance
        meant = {"If-Match": (await user.get(url)).headers["ETag"]}
        changes = [user.patch(url, json={"price": low + more}, headers=meant) for more in range(1, 5)]
        assert sorted(answer.status_code for answer in await gather(*changes)) == [200, 412, 412, 412]
