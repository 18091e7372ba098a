"""The life of access tokens and refresh tokens."""

from asyncio import create_task, gather, sleep
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import ValidationError
from sqlalchemy import select, update

from app.auth.models import RefreshToken
from app.users.models import User
from tests.account import ACCOUNT, Sessions, SignIn, add_ada
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


async def refresh(client: AsyncClient, tokens: dict[str, Any], action: str = "refresh") -> int:
    body = {"refresh_token": tokens["refresh_token"]}
    answer = await client.post(f"/api/v1/auth/{action}", json=body)
    tokens.update(answer.json() if answer.status_code == 200 else {})
    assert ("WWW-Authenticate" in answer.headers) is ('"unauthenticated"' in answer.text) is (answer.status_code == 401)
    return answer.status_code


async def me(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


@practice("jwt-short-expiry-refresh")
async def test_a_stolen_refresh_token_ends_the_sign_in(
    ada: AsyncClient, sessions: Sessions, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = (await sign_in(ada)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert 60 <= claims["exp"] - claims["iat"] == tokens["expires_in"] <= 900
    stolen = dict(tokens)
    assert [await refresh(ada, tokens), await refresh(ada, tokens)] == [200, 200]
    assert (await me(ada, tokens)).json()["email"] == ACCOUNT["email"]
    async with sessions() as session:
        assert tokens["refresh_token"] not in (await session.scalars(select(RefreshToken.token_hash))).all()

    async def hurry() -> list[int]:
        return [await refresh(ada, tokens) for _ in range(4)]

    assert (await gather(refresh(ada, stolen), hurry()))[0] == 401
    assert await refresh(ada, tokens) == 401, "whatever ran beside it"
    assert "refresh token reused" in caplog.text


@practice("refresh-reuse-tolerance")
@pytest.mark.parametrize(("seconds", "statuses"), [("10", [200] * 4), ("0", [200, 401, 401, 401])])
async def test_parallel_requests_do_not_make_two_tokens_of_one(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn, seconds: str, statuses: list[int]
) -> None:
    async with run(create_app(make_settings(auth={"reuse_seconds": seconds}))) as client:
        await add_ada(client)
        answers = await gather(*(sign_in(client) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        tabs = [answers[0].json() for _ in range(4)]
        async with client.state["sessionmaker"].begin() as session:
            await session.execute(update(RefreshToken).values(device="busy"))  # Nobody goes on until all have come.
            refreshes = [create_task(refresh(client, tab)) for tab in tabs]
            await sleep(0.3)
        assert sorted(await gather(*refreshes)) == statuses
        assert len({tab["refresh_token"] for tab in tabs} - {answers[0].json()["refresh_token"]}) == 1
        assert (await me(client, tabs[0])).status_code == max(statuses)


@practice("refresh-reuse-tolerance")
async def test_a_token_that_was_replaced_is_good_for_seconds_and_until_the_next_is_used(
    ada: AsyncClient, sessions: Sessions, sign_in: SignIn
) -> None:
    for seconds, used, status in ((9, False, 200), (11, False, 401), (0, True, 401)):
        tokens = (await sign_in(ada)).json()
        older = dict(tokens)
        assert await refresh(ada, tokens) == 200
        if used:
            assert await refresh(ada, dict(tokens)) == 200
        async with sessions.begin() as session:
            await session.execute(update(RefreshToken).values(used_at=datetime.now(UTC) - timedelta(seconds=seconds)))
        assert [await refresh(ada, older), (await me(ada, tokens)).status_code] == [status, status]
        assert (older["refresh_token"] == tokens["refresh_token"]) is (status == 200)
        assert await refresh(ada, tokens) == status


@practice("jwt-short-expiry-refresh")
async def test_a_sign_in_ends_in_its_time_and_leaves_nothing(
    ada: AsyncClient, sessions: Sessions, sign_in: SignIn
) -> None:
    tokens = (await sign_in(ada)).json()
    for end, status in ((datetime.now(UTC) + timedelta(minutes=1), 200), (datetime.now(UTC), 401)):
        async with sessions.begin() as session:
            await session.execute(update(RefreshToken).values(expires_at=end))
        assert await refresh(ada, tokens) == status
        async with sessions() as session:
            assert (await session.scalars(select(RefreshToken.expires_at))).all() == [end]
    tokens = (await sign_in(ada)).json()
    await sign_in(ada)
    async with sessions.begin() as session:
        assert len((await session.scalars(select(RefreshToken))).all()) == 2
        others = RefreshToken.id != UUID(tokens["refresh_token"][:32])
        await session.execute(update(RefreshToken).where(others).values(expires_at=datetime.now(UTC)))
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await ada.get("/api/v1/auth/sessions", headers=headers)).json()["total"] == 1
    assert await refresh(ada, tokens) == 200
    async with sessions() as session:
        assert len((await session.scalars(select(RefreshToken))).all()) == 1


@practice("oauth2-scheme-documented")
async def test_the_documented_flow_is_oauth2(api: FastAPI, ada: AsyncClient, sign_in: SignIn) -> None:
    [scheme] = api.openapi()["components"]["securitySchemes"].values()
    form = {"grant_type": "refresh_token", "refresh_token": (await sign_in(ada)).json()["refresh_token"]}
    url = f"/{scheme['flows']['password']['refreshUrl']}"
    tokens = (await ada.post(url, data=form)).json()
    assert (await me(ada, tokens)).status_code == 200
    assert await refresh(ada, tokens) == 200
    for refused in (await ada.post(url, data=form), await sign_in(ada, password="wrong")):
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_grant")
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    for grant in ("password", "refresh_token"):
        assert (await ada.post("/api/v1/auth/token", data={"grant_type": grant})).status_code == 422


@practice("refresh-reuse-tolerance")
async def test_who_knows_the_id_of_a_sign_in_does_not_end_it(ada: AsyncClient, sign_in: SignIn) -> None:
    tokens = (await sign_in(ada)).json()
    guessed = {"refresh_token": tokens["refresh_token"][:32].ljust(75, "x")}
    assert [await refresh(ada, one) for one in (guessed, tokens, guessed, tokens)] == [401, 200, 401, 200]


async def test_logout_ends_one_sign_in(ada: AsyncClient, sign_in: SignIn) -> None:
    here, there = (await sign_in(ada)).json(), (await sign_in(ada)).json()
    guessed = {"refresh_token": there["refresh_token"][:32].ljust(75, "x")}
    assert await refresh(ada, guessed, "logout") == 204
    assert [await refresh(ada, here, "logout"), await refresh(ada, here, "logout")] == [204, 204]
    assert [await refresh(ada, here), await refresh(ada, there)] == [401, 200]
    assert await refresh(ada, {"refresh_token": "x" * 75}) == 422


async def test_tokens_end_with_the_account(ada: AsyncClient, sessions: Sessions, sign_in: SignIn) -> None:
    tokens = (await sign_in(ada)).json()
    async with sessions.begin() as session:
        await session.execute(update(User).values(is_active=False))
    assert [(await me(ada, tokens)).status_code, await refresh(ada, tokens)] == [401, 401]


@practice("jwt-strict-decode")
@pytest.mark.parametrize("claim", ["sub", "sid"])
@pytest.mark.parametrize("value", ["another", str(UUID(int=0)), 5, None])
async def test_a_token_of_nobody_is_refused(
    ada: AsyncClient, sign: Callable[[dict[str, Any], str], str], claim: str, value: object, sign_in: SignIn
) -> None:
    tokens = (await sign_in(ada)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False}) | {claim: value}
    tokens["access_token"] = sign({name: it for name, it in claims.items() if it is not None}, "genuine")
    assert (await me(ada, tokens)).status_code == 401


@practice("jwt-strict-decode")
async def test_the_previous_key_verifies_and_does_not_sign(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn, environment: dict[str, str]
) -> None:
    new, [old] = "another key, with which others sign", [environment[key] for key in environment if "SECRET_KEY" in key]
    for keys, status in (({"previous_secret_key": old}, 200), ({}, 401)):
        async with run(create_app(make_settings(auth={"secret_key": new} | keys))) as client:
            await add_ada(client)
            tokens = (await sign_in(client)).json()
            claims = jwt.decode(tokens["access_token"], new, algorithms=["HS256"], options={"verify_aud": False})
            older = {"access_token": jwt.encode(claims, old)}
            alone = replace(client.state["auth"].access_tokens, previous_key=None)
            assert alone.has_issued(tokens["refresh_token"])
            assert [(await me(client, one)).status_code for one in (tokens, older)] == [200, status]


@practice("refresh-reuse-tolerance")
async def test_a_new_key_ends_no_sign_in(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn, environment: dict[str, str]
) -> None:
    [old] = [environment[key] for key in environment if "SECRET_KEY" in key]
    keys = {"secret_key": "another key, with which others sign", "previous_secret_key": old}
    async with run(create_app(make_settings(auth=keys))) as new, run(create_app(make_settings())) as before:
        await add_ada(before)
        here = (await sign_in(before)).json()
        there = dict(here)
        assert [await refresh(before, here), await refresh(new, there)] == [200, 200]
        assert here["refresh_token"] == there["refresh_token"]


@practice("jwt-strict-decode")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("secret_key", key) for key in ("a short one, of 31 letters only", "k" * 64, "changeme" * 8)),
        ("previous_secret_key", "changeme" * 8),
        *(("access_token_seconds", "901"), ("refresh_token_days", "91"), ("reuse_seconds", "61")),
        ("attempts", "0/minute"),
    ],
)
def test_weak_keys_and_endless_tokens_are_refused(make_settings: MakeSettings, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name) as refused:
        make_settings(auth={name: value})
    assert value not in str(refused.value)
