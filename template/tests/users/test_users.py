"""Accounts, roles and attempts."""

import pytest
from anyio import to_thread
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from app.config import Settings
from app.users import grant
from app.users.exceptions import TooManyRequests
from app.users.models import User
from app.users.rate_limit import AttemptLimit
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
        assert accounts[0].headers["Location"] == "/api/v1/users/me"
        assert [answer.json()["code"] for answer in accounts[1:]] == ["email_taken", "too_many_requests"]


@practice("rate-limit")
@pytest.mark.parametrize(
    ("client", "account", "tries"),
    [
        *((client, "ada@example.com", 2) for client in ("192.0.2.1", "2001:db8::{}")),
        *((client, "ada@example.com", 20) for client in ("192.0.2.{}", "::ffff:192.0.2.{}", "2001:db8:0:{}::1")),
        ("192.0.2.1", "{}@example.com", 20),
    ],
)
async def test_attempts_are_counted_by_network_and_by_account(
    client: str, account: str, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    limit = AttemptLimit("2/minute")
    for number in range(1, tries + 1):
        await limit.check(client.format(number), account.format(number))
    with pytest.raises(TooManyRequests):
        await limit.check(client.format(99), account.format(99))
    assert f"too many attempts: {account.format(99)}" in caplog.text


async def test_roles_are_given(
    user: AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(grant, "get_settings", lambda: settings)
    assert grant.main(["user@example.com", "emperor"]) == grant.USAGE
    assert "no account" in str(await to_thread.run_sync(grant.main, ["eve@example.com", "user"]))
    for role, status in (("admin", 200), ("user", 403)):
        assert await to_thread.run_sync(grant.main, ["User@example.com", role]) is None
        assert f"role {role} granted: user@example.com" in caplog.text
        assert (await user.get("/api/v1/users")).status_code == status
