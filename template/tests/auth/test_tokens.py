"""The life of access tokens and refresh tokens."""

from asyncio import gather
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from httpx2 import AsyncClient, Response
from pydantic import ValidationError
from sqlalchemy import select, update

from app.auth.models import RefreshToken
from app.users.models import User
from tests.account import ACCOUNT, Sessions, SignIn
from tests.conftest import MakeSettings

practice = pytest.mark.practice


async def refresh(client: AsyncClient, tokens: dict[str, Any], action: str = "refresh") -> int:
    body = {"refresh_token": tokens["refresh_token"]}
    answer = await client.post(f"/api/v1/auth/{action}", json=body)
    tokens.update(answer.json() if answer.status_code == 200 else {})
    return answer.status_code


async def me(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


@practice("jwt-short-expiry-refresh")
async def test_a_stolen_refresh_token_ends_the_sign_in(
    ada: AsyncClient, sessions: Sessions, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = (await sign_in(ada)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] <= 900
    stolen = dict(tokens)
    assert await refresh(ada, tokens) == 200
    assert (await me(ada, tokens)).json()["email"] == ACCOUNT["email"]
    async with sessions() as session:
        assert tokens["refresh_token"] not in (await session.scalars(select(RefreshToken.token_hash))).all()

    async def hurry() -> list[int]:
        return [await refresh(ada, tokens) for _ in range(4)]

    assert (await gather(refresh(ada, stolen), hurry()))[0] == 401
    assert await refresh(ada, tokens) == 401, "whatever ran beside it"
    assert "refresh token reused" in caplog.text


@practice("jwt-short-expiry-refresh")
async def test_parallel_requests_cannot_use_a_token_twice(ada: AsyncClient, sign_in: SignIn) -> None:
    answers = await gather(*(sign_in(ada) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(await gather(*(refresh(ada, answers[0].json()) for _ in range(4)))) == [200, 401, 401, 401]


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
    await sign_in(ada)
    async with sessions() as session:
        assert len((await session.scalars(select(RefreshToken))).all()) == 1


async def test_logout_ends_one_sign_in(ada: AsyncClient, sign_in: SignIn) -> None:
    here, there = (await sign_in(ada)).json(), (await sign_in(ada)).json()
    assert [await refresh(ada, here, "logout"), await refresh(ada, here, "logout")] == [204, 204]
    assert [await refresh(ada, here), await refresh(ada, there)] == [401, 200]


async def test_tokens_end_with_the_account(ada: AsyncClient, sessions: Sessions, sign_in: SignIn) -> None:
    tokens = (await sign_in(ada)).json()
    async with sessions.begin() as session:
        await session.execute(update(User).values(is_active=False))
    assert [(await me(ada, tokens)).status_code, await refresh(ada, tokens)] == [401, 401]


@practice("jwt-strict-decode")
@pytest.mark.parametrize("subject", ["another", str(UUID(int=0))])
async def test_a_token_of_nobody_is_refused(
    ada: AsyncClient, sign: Callable[[dict[str, Any], str], str], subject: str, sign_in: SignIn
) -> None:
    tokens = (await sign_in(ada)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    tokens["access_token"] = sign(claims | {"sub": subject}, "genuine")
    assert (await me(ada, tokens)).status_code == 401


@practice("jwt-strict-decode")
@pytest.mark.parametrize("key", ["a short one, of 31 letters only", "k" * 64, "changeme" * 8])
def test_the_key_cannot_be_guessed(make_settings: MakeSettings, key: str) -> None:
    with pytest.raises(ValidationError, match="secret_key"):
        make_settings(auth={"secret_key": key})
