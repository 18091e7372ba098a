"""Practices of passwords."""

import json
from asyncio import gather
from collections.abc import Callable
from threading import get_ident
from time import sleep
from typing import Any

import pytest
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn_rs_py import zxcvbn

from app.users.schemas import ESTIMATED
from tests.account import ACCOUNT, Enter, SignIn, add_ada
from tests.conftest import Client
from tests.inspection import calls

practice = pytest.mark.practice
LONG = ACCOUNT["password"] * 7
Work = list[tuple[str, int, int]]


@practice("password-argon2")
def test_hashes_have_the_recommended_strength() -> None:
    assert len(calls("PasswordHash.recommended")) == 1
    assert calls("PasswordHash", "Argon2Hasher", "BcryptHasher", "hashlib.md5", "hashlib.sha1") == []


@practice("password-argon2")
def test_the_library_is_maintained(pyproject: dict[str, Any]) -> None:
    assert "passlib" in pyproject["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]


@pytest.fixture
def work(client: Client, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Record what is hashed once the application runs, in which thread, and how many connections are taken then."""
    recorded: Work = []
    for name, do in (("hash", Argon2Hasher.hash), ("verify", Argon2Hasher.verify)):

        def watched(*args: Any, name: str = name, do: Callable[..., Any] = do, **options: Any) -> Any:
            recorded.append((name, get_ident(), client.state["engine"].pool.checkedout()))
            sleep(0.01)
            return do(*args, **options)

        monkeypatch.setattr(Argon2Hasher, name, watched)
    return recorded


@practice("hash-off-loop")
@practice("hash-outside-transaction")
async def test_hashing_holds_neither_the_loop_nor_a_connection(
    client: Client, work: Work, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.post("/api/v1/users", json=ACCOUNT)
    await sign_in(client)
    assert [(name, connections) for name, _, connections in work] == [("hash", 0), ("verify", 0)]
    await gather(*(sign_in(client) for _ in range(6)))
    threads = {thread for _, thread, _ in work}
    assert get_ident() not in threads
    assert len(threads) <= 3, "each needs so much memory that only few may run at once"
    monkeypatch.setattr("app.users.passwords.WAITING_HASHES", 0)
    for answer in (await sign_in(client), await client.post("/api/v1/users", json=ACCOUNT)):
        assert answer.status_code == 503, "who would wait for long is told to come back"


@practice("hash-outside-transaction")
async def test_who_is_signed_in_waits_without_a_connection(
    client: Client, work: Work, sign_in: SignIn, enter: Enter
) -> None:
    await add_ada(client)
    browser = await enter(client)
    work.clear()
    await browser.put("/api/v1/users/me/password", json={"password": ACCOUNT["password"], "new_password": LONG[:30]})
    await browser.post("/api/v1/users/me/deletion", json={"password": LONG[:30]})
    assert [(name, connections) for name, _, connections in work] == [("verify", 0), ("hash", 0), ("verify", 0)]
    assert (await sign_in(client)).status_code == 401


@practice("login-constant-work")
async def test_unknown_accounts_cost_as_much(client: Client, work: Work, sign_in: SignIn) -> None:
    await add_ada(client)
    work.clear()
    answers = [await sign_in(client, **{key: "unknown@example.com"}) for key in ACCOUNT]
    assert [name for name, *_ in work] == ["verify", "verify"]
    assert len({answer.text.replace(answer.headers["X-Request-ID"], "") for answer in answers}) == 1


@practice("password-policy-length")
@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        *((LONG[:length], accepted) for length, accepted in ((14, False), (15, True), (128, True), (129, False))),
        *((common, False) for common in ("x" * 20, "password1234567", "password password", ACCOUNT["email"])),
        ("\ud800" * 20, False),
    ],
)
async def test_a_password_is_long_and_no_common_one(
    client: AsyncClient, sign_in: SignIn, password: str, *, accepted: bool
) -> None:
    body = json.dumps(ACCOUNT | {"password": password})
    answer = await client.post("/api/v1/users", content=body, headers={"Content-Type": "application/json"})
    assert answer.is_success == accepted
    assert accepted or answer.status_code == 422
    assert not accepted or (await sign_in(client, password=password)).status_code in {200, 401}


@practice("input-bounded")
async def test_a_long_password_is_no_long_work(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    estimated = set[int]()

    def note(password: str, own: list[str]) -> Any:
        estimated.update(map(len, (password, *own)))
        return zxcvbn(password, own)

    monkeypatch.setattr("app.users.schemas.zxcvbn", note)
    email = f"{'a' * 60}@{'a.' * 60}se"
    assert (await client.post("/api/v1/users", json={"email": email, "password": LONG[:128]})).is_success
    assert max(estimated) == ESTIMATED
