"""Accounts, tokens and roles."""

from asyncio import gather
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from anyio import to_thread
from httpx2 import AsyncClient, Response
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.auth import grant
from app.auth.models import RefreshToken, User
from app.config import Settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice
Sessions = async_sessionmaker[AsyncSession]
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[Sessions]:
    engine = engine_from(settings)
    yield create_sessionmaker(engine)
    await engine.dispose()


@pytest.fixture
async def ada(client: AsyncClient) -> AsyncClient:
    assert (await client.post("/api/v1/users", json=ACCOUNT)).status_code == 201
    return client


async def login(client: AsyncClient, **changes: str) -> Response:
    form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]} | changes
    return await client.post("/api/v1/auth/token", data=form)


async def refresh(client: AsyncClient, tokens: dict[str, Any], action: str = "refresh") -> int:
    body = {"refresh_token": tokens["refresh_token"]}
    answer = await client.post(f"/api/v1/auth/{action}", json=body)
    tokens.update(answer.json() if answer.status_code == 200 else {})
    return answer.status_code


async def me(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


@practice("jwt-short-expiry-refresh")
async def test_a_stolen_refresh_token_ends_the_sign_in(ada: AsyncClient, sessions: Sessions) -> None:
    tokens = (await login(ada)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] <= 900
    stolen = dict(tokens)
    assert await refresh(ada, tokens) == 200
    assert (await me(ada, tokens)).json()["email"] == ACCOUNT["email"]
    async with sessions() as session:
        assert tokens["refresh_token"] not in (await session.scalars(select(RefreshToken.token_hash))).all()
    assert [await refresh(ada, stolen), await refresh(ada, tokens)] == [401, 401]


@practice("jwt-short-expiry-refresh")
async def test_parallel_requests_cannot_use_a_token_twice(ada: AsyncClient) -> None:
    answers = await gather(*(login(ada) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(await gather(*(refresh(ada, answers[0].json()) for _ in range(4)))) == [200, 401, 401, 401]


async def test_refresh_tokens_expire(ada: AsyncClient, sessions: Sessions) -> None:
    tokens = (await login(ada)).json()
    async with sessions.begin() as session:
        await session.execute(update(RefreshToken).values(expires_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert await refresh(ada, tokens) == 401


async def test_logout_ends_one_sign_in(ada: AsyncClient) -> None:
    here, there = (await login(ada)).json(), (await login(ada)).json()
    assert [await refresh(ada, here, "logout"), await refresh(ada, here, "logout")] == [204, 204]
    assert [await refresh(ada, here), await refresh(ada, there)] == [401, 200]


@practice("auth-401-vs-403")
async def test_refusals_do_not_tell_which_accounts_exist(ada: AsyncClient, sessions: Sessions) -> None:
    tokens = (await login(ada)).json()
    refusals = [await login(ada, password="wrong"), await login(ada, username="eve@example.com")]
    async with sessions.begin() as session:
        await session.execute(update(User).values(is_active=False))
    refusals.append(await login(ada))
    assert {answer.headers["WWW-Authenticate"] for answer in refusals} == {"Bearer"}
    assert {answer.status_code for answer in refusals} == {401}
    assert len({answer.json()["detail"] for answer in refusals}) == 1
    assert [(await me(ada, tokens)).status_code, await refresh(ada, tokens)] == [401, 401]


@practice("password-argon2")
@pytest.mark.parametrize(("stored", "status"), [("", 200), ("5f4dcc3b5aa765d61d8327deb882cf99", 401)])
async def test_hashes_become_stronger(ada: AsyncClient, sessions: Sessions, stored: str, status: int) -> None:
    stored = stored or Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash(ACCOUNT["password"])
    async with sessions.begin() as session:
        await session.execute(update(User).values(password_hash=stored))
    assert (await login(ada)).status_code == status
    async with sessions() as session:
        assert (await session.scalar(select(User.password_hash)) == stored) is (status == 401)


@practice("rate-limit")
async def test_attempts_are_limited(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> None:
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        answers = [await login(client) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
        assert (await login(client, username="eve@example.com")).status_code == 401
        accounts = [await client.post("/api/v1/users", json=ACCOUNT) for _ in range(3)]
        assert [answer.status_code for answer in accounts] == [201, 409, 429]


async def test_roles_are_given(
    admin: AsyncClient, user: AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grant, "get_settings", lambda: settings)
    assert grant.main(["user@example.com", "emperor"]) == grant.USAGE
    assert "no account" in str(await to_thread.run_sync(grant.main, ["eve@example.com", "user"]))
    for email, role in (("User@example.com", "admin"), ("admin@example.com", "user")):
        assert await to_thread.run_sync(grant.main, [email, role]) is None
    assert (await user.get("/api/v1/users")).json()["total"] == 2
    assert (await admin.get("/api/v1/users")).status_code == 403
