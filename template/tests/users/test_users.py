"""Accounts, roles and attempts."""

import pytest
from anyio import to_thread
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from app.config import Settings
from app.users import grant
from app.users.models import User
from tests.account import ACCOUNT, Sessions, SignIn
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


@practice("password-argon2")
@pytest.mark.parametrize(("stored", "status"), [("", 200), ("5f4dcc3b5aa765d61d8327deb882cf99", 401)])
async def test_hashes_become_stronger(
    ada: AsyncClient, sessions: Sessions, stored: str, status: int, sign_in: SignIn
) -> None:
    stored = stored or Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash(ACCOUNT["password"])
    async with sessions.begin() as session:
        await session.execute(update(User).values(password_hash=stored))
    assert (await sign_in(ada)).status_code == status
    async with sessions() as session:
        assert (await session.scalar(select(User.password_hash)) == stored) is (status == 401)


@practice("rate-limit")
async def test_registrations_are_limited(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> None:
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
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
