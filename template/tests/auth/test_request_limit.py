"""The limit of each caller, and what is kept for each."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.conftest import CreateApp, Credentials, MakeSettings, Run, sign_in
from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice
SUMMARY = f"{URL}/summary"


@pytest.fixture
def limited(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    """Return an application that answers two requests of each."""
    return create_app(make_settings(cache={"requests": "2/minute"}))


@practice("rate-limit-requests")
async def test_callers_are_counted_by_who_they_are(limited: FastAPI, run: Run, credentials: Credentials) -> None:
    async with run(limited) as client:
        for name in ("user", "other"):
            caller = await sign_in(client, credentials, name)
            assert [(await caller.get(URL)).status_code for _ in range(3)] == [200, 200, 429]


@practice("rate-limit-requests")
async def test_refused_credentials_are_counted_where_they_come_from(limited: FastAPI, run: Run) -> None:
    async with run(limited) as client:
        answers = [await client.get(URL) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert ["RateLimit" in answer.headers for answer in answers] == [True] * 3


@practice("cache-expensive-reads")
async def test_nobody_gets_what_was_kept_for_another(
    user: AsyncClient, other_user: AsyncClient, admin: AsyncClient
) -> None:
    await user.post(URL, json=BICYCLE)
    answers = [await caller.get(SUMMARY) for caller in (user, other_user, admin)]
    assert [len(answer.json()["by_status"]) for answer in answers] == [1, 0, 1]
    assert len({answer.headers["Vary"] for answer in answers}) == 1
