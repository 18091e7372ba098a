"""Accounts, roles and attempts."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anyio import to_thread
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.auth.events import report
from app.config import Settings
from app.users import command_line, disable, grant, reset
from app.users.exceptions import TooManyRequests
from app.users.models import User
from app.users.rate_limit import AttemptLimit
from tests.account import ACCOUNT, Enter, Sessions, SignIn, add_ada
from tests.conftest import Client, CreateApp

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


@practice("rate-limit")
async def test_what_needs_no_account_is_counted_by_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    limit = AttemptLimit("2/minute")
    for one in ("registration", "password reset"):
        for _ in range(2):
            await limit.check("192.0.2.1", at=one)
        with pytest.raises(TooManyRequests):
            await limit.check("192.0.2.1", at=one)
        assert caplog.messages[-1] == f"too many attempts: {one}, by 192.0.2.1"


@pytest.mark.parametrize("around", ["", " ", "\t", "\n", "\u00a0"])
async def test_an_address_is_read_in_one_way_everywhere(client: Client, sign_in: SignIn, around: str) -> None:
    written = f"{around}Ada@Example.com{around}"
    created = await client.post("/api/v1/users", json=ACCOUNT | {"email": written})
    assert created.status_code in {201, 202}
    if created.status_code == 202:  # it begins by mail
        await add_ada(client)
    assert (await sign_in(client, email=written)).status_code == 200


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands work on the database of the tests."""
    monkeypatch.setattr(command_line, "get_settings", lambda: settings)


@pytest.mark.usefixtures("command")
async def test_roles_are_given(user: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    assert grant.main(["user@example.com", "emperor"]) == grant.USAGE
    assert "no account eve@example.com" in str(await to_thread.run_sync(grant.main, ["Eve@Example.com", "user"]))
    assert "no e-mail address" in str(grant.main(["eve", "user"]))
    for role, status in (("admin", 200), ("user", 403)):
        assert await to_thread.run_sync(grant.main, ["User@example.com", role]) is None
        assert f"account changed (role: {role}): user@example.com" in caplog.text
        assert (await user.get("/api/v1/users")).status_code == status


@pytest.mark.usefixtures("command")
def test_a_database_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_given: object) -> bool:
        raise OperationalError("SELECT", {}, ConnectionRefusedError("refused"))

    monkeypatch.setattr(command_line, "apply", fail)
    assert str(disable.main(["ada@example.com"])).endswith("does not answer: refused")


@practice("account-changes-logged")
def test_no_level_hides_what_was_changed(
    create_app: CreateApp, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    create_app(settings.model_copy(update={"log_level": "ERROR"}))
    logging.getLogger("app.other").warning("unheard")
    report("account changed", "ada@example.com", "127.0.0.1")
    assert capsys.readouterr().out.split("]: ")[1:] == ["account changed: ada@example.com, by 127.0.0.1\n"]


@practice("password-temporary")
@pytest.mark.usefixtures("command")
async def test_accounts_are_disabled_and_passwords_reset(
    ada: AsyncClient,
    sessions: Sessions,
    sign_in: SignIn,
    enter: Enter,
    sign_in_model: type[Any],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for change, usage in ((disable, disable.USAGE), (reset, reset.USAGE)):
        assert (change.main([]), change.main(["a", "b"])) == (usage, usage)
        assert "no account" in str(await to_thread.run_sync(change.main, ["eve@example.com"]))
    browser = await enter(ada)
    capsys.readouterr()
    assert await to_thread.run_sync(reset.main, ["Ada@example.com"]) is None
    password = capsys.readouterr().out.splitlines()[-1]
    assert (await browser.get("/api/v1/users/me")).status_code == 401
    assert [(await sign_in(ada)).status_code, (await sign_in(ada, password=password)).status_code] == [401, 200]
    async with sessions.begin() as session:
        [made] = await session.scalars(select(User.password_hash))
        until = datetime.fromisoformat(made.split(" ")[0])
        assert timedelta(hours=23) < until - datetime.now(UTC) < timedelta(hours=25)
        await session.execute(update(User).values(password_hash=made.replace(str(until.year), "2000", 1)))
    assert (await sign_in(ada, password=password)).status_code == 401
    async with sessions.begin() as session:
        await session.execute(update(User).values(password_hash=made))
    assert (await sign_in(ada, password=password)).status_code == 200
    assert await to_thread.run_sync(disable.main, ["ada@example.com"]) is None
    async with sessions() as session:
        assert (await session.scalars(select(sign_in_model))).all() == [], "whoever enables it does not bring them back"
    assert (await sign_in(ada, password=password)).status_code == 401
    assert "password reset: ada@example.com, by the command line" in caplog.text
    assert "account changed (is_active: False): ada@example.com, by the command line" in caplog.text
    assert password not in caplog.text
