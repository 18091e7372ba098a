"""Accounts by mail: how they begin, how they get another address, and what is to be done about a forgotten password."""

from asyncio import gather
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anyio import create_task_group
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from app.mail.models import AccountToken
from app.users.models import User
from tests.account import ACCOUNT, Enter, SignIn, add_ada
from tests.conftest import Client, CreateApp, MakeSettings, Run
from tests.post_office import Correspondent, PostOffice, Settle

practice = pytest.mark.practice
ADA, OLD = ACCOUNT["email"], ACCOUNT["password"]
NEW, OTHER = "ada@example.org", "staple battery horse correct"
ME = "/api/v1/users/me"
REFUSED = (422, "token_refused")


async def rewrite(client: Client, kind: type[Any], **values: Any) -> None:
    """Change all rows of a table behind the back of the application."""
    async with client.state["sessionmaker"].begin() as session:
        await session.execute(update(kind).values(**values))


async def age(client: Client, seconds: int) -> None:
    """Let what was asked for be older than it is."""
    await rewrite(client, AccountToken, created_at=datetime.now(UTC) - timedelta(seconds=seconds))


@practice("email-verified")
async def test_an_account_begins_when_its_address_is_confirmed(
    post: Correspondent, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    token = await post.token()
    assert (await sign_in(post.client)).status_code == 401
    for wrong in ({}, {"password": OTHER}):
        assert await post.ask("/auth/verify", token=token, **wrong) == (422, "wrong_password"), "others may have asked"
    assert await post.ask("/auth/verify", token=token, password=OLD) == (204, "")
    assert (await sign_in(post.client)).status_code == 200
    assert "account created: ada@example.com, by 127.0.0.1" in caplog.text
    assert token not in caplog.text


@practice("email-verified")
async def test_an_address_that_is_taken_is_told_so(post: Correspondent, sign_in: SignIn) -> None:
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    token = await post.token()
    await add_ada(post.client)
    assert await post.ask("/auth/verify", token=token, password=OLD) == (409, "email_taken")
    await age(post.client, 61)
    assert await post.ask("/users", **(ACCOUNT | {"password": OTHER})) == (202, "")
    [letter] = await post.letters()
    assert "it has one" in letter
    assert "#" not in letter
    for password, status in ((OLD, 200), (OTHER, 401)):
        assert (await sign_in(post.client, password=password)).status_code == status


@practice("email-verified")
async def test_an_address_is_changed_when_the_new_one_is_confirmed(
    post: Correspondent, sign_in: SignIn, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    await add_ada(post.client)
    await post.ask("/auth/forgotten", email=ADA)
    browser, forgotten = await enter(post.client), await post.token()
    answers = [await browser.put(f"{ME}/email", json={"email": NEW, "password": word}) for word in ("wrong", OLD)]
    assert [answer.status_code for answer in answers] == [422, 202]
    assert answers[0].json()["code"] == "wrong_password"
    token = await post.token(NEW)
    assert (await browser.get(ME)).json()["email"] == ADA
    assert await post.ask("/auth/verify", token=token) == (204, "")
    assert (await browser.get(ME)).status_code == 401
    assert [(await sign_in(post.client, email=email)).status_code for email in (ADA, NEW)] == [401, 200]
    assert "another address" in (await post.letters())[0]
    assert await post.ask("/auth/reset", token=forgotten, new_password=OTHER) == REFUSED, "it went to the old address"
    assert f"address changed ({NEW}): {ADA}, by 127.0.0.1" in caplog.text


@practice("reset-ends-sessions")
async def test_a_new_password_ends_all_sign_ins_and_is_told(
    post: Correspondent, sign_in: SignIn, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    await add_ada(post.client)
    browsers = [await enter(post.client) for _ in range(2)]
    assert await post.ask("/auth/forgotten", email=ADA.upper()) == (202, "")
    token = await post.token()
    for password in ("ada@example.com", "too short"):
        assert (await post.ask("/auth/reset", token=token, new_password=password))[0] == 422
    assert await post.ask("/auth/reset", token=token, new_password=OTHER) == (204, "")
    assert [(await browser.get(ME)).status_code for browser in browsers] == [401, 401]
    for password, status in ((OLD, 401), (OTHER, 200)):
        assert (await sign_in(post.client, password=password)).status_code == status
    assert "was changed" in (await post.letters())[0]
    assert "password reset: ada@example.com, by 127.0.0.1" in caplog.text
    assert OTHER not in caplog.text


@practice("reset-ends-sessions")
async def test_whoever_knew_the_password_cannot_use_what_was_mailed_before(post: Correspondent, enter: Enter) -> None:
    await add_ada(post.client)
    browser = await enter(post.client)
    await browser.put(f"{ME}/email", json={"email": NEW, "password": OLD})
    await post.ask("/auth/forgotten", email=ADA)
    move, reset = await post.token(NEW), await post.token()
    body = {"password": OLD, "new_password": OTHER}
    assert (await browser.put(f"{ME}/password", json=body)).status_code == 204
    assert "was changed" in (await post.letters())[0]
    assert await post.ask("/auth/verify", token=move) == REFUSED
    assert await post.ask("/auth/reset", token=reset, new_password=OTHER) == REFUSED


@practice("reset-ends-sessions")
async def test_where_sign_ins_end_what_was_mailed_ends_too(
    post: Correspondent, enter: Enter, admin: AsyncClient
) -> None:
    await add_ada(post.client)
    browser = await enter(post.client)
    await browser.put(f"{ME}/email", json={"email": NEW, "password": OLD})
    move, url = await post.token(NEW), f"/api/v1/users/{(await browser.get(ME)).json()['id']}"
    for is_active in (False, True):
        assert (await admin.patch(url, json={"is_active": is_active})).status_code == 200
    assert await post.ask("/auth/verify", token=move) == REFUSED


@practice("reset-ends-sessions")
async def test_a_disabled_account_stays_so(post: Correspondent, sign_in: SignIn) -> None:
    await add_ada(post.client)
    await post.ask("/auth/forgotten", email=ADA)
    token = await post.token()
    await rewrite(post.client, User, is_active=False)
    assert await post.ask("/auth/reset", token=token, new_password=OTHER) == REFUSED
    assert (await sign_in(post.client, password=OTHER)).status_code == 401
    await age(post.client, 61)
    assert await post.ask("/auth/forgotten", email=ADA) == (202, "")
    [letter] = await post.letters()
    assert ("is\ndisabled" in letter, "#" in letter) == (True, False)
    assert await post.ask("/users", **(ACCOUNT | {"password": OTHER})) == (202, "")
    assert await post.letters() == []
    await age(post.client, 61)
    assert await post.ask("/users", **(ACCOUNT | {"password": OTHER})) == (202, "")
    assert await post.letters() == [letter]


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@practice("reset-token-single-use")
async def test_of_two_uses_at_once_one_counts(post: Correspondent) -> None:
    for path, more in (("/users", {"password": OTHER}), ("/auth/forgotten", {})):
        assert await post.ask(path, email=ADA, **more) == (202, "")
        token, use = await post.token(), "/auth/verify" if more else "/auth/reset"
        body = {"token": token, "password": OTHER} if more else {"token": token, "new_password": OLD}
        answers = await gather(*(post.ask(use, **body) for _ in range(3)))
        assert sorted(answers) == [(204, ""), REFUSED, REFUSED]
        assert await post.ask(use, **body) == REFUSED
        await post.letters()


@practice("reset-token-single-use")
async def test_a_token_is_for_one_purpose_and_a_while(post: Correspondent) -> None:
    await post.ask("/users", **ACCOUNT)
    registration = await post.token()
    assert await post.ask("/auth/reset", token=registration, new_password=OTHER) == REFUSED
    assert await post.ask("/auth/verify", token=registration, password=OLD) == (204, "")
    await post.ask("/auth/forgotten", email=ADA)
    reset = await post.token()
    assert await post.ask("/auth/verify", token=reset) == REFUSED
    assert await post.ask("/auth/verify", token="A" * 43) == REFUSED
    await rewrite(post.client, AccountToken, expires_at=datetime.now(UTC))
    assert await post.ask("/auth/reset", token=reset, new_password=OTHER) == REFUSED
    await post.ask("/auth/forgotten", email="eve@example.com")
    await post.settle()
    async with post.client.state["sessionmaker"]() as session:
        assert [one.email for one in await session.scalars(select(AccountToken))] == ["eve@example.com"]


@practice("reset-token-single-use")
async def test_only_the_hash_is_stored(post: Correspondent) -> None:
    await add_ada(post.client)
    await post.ask("/auth/forgotten", email=ADA)
    token = await post.token()
    async with post.client.state["sessionmaker"]() as session:
        [row] = await session.scalars(select(AccountToken))
        assert len(row.token_hash) == 64
        assert token not in map(str, vars(row).values())
    assert len({token, *[secrets async for secrets in more_tokens(post, 3)]}) == 4


async def more_tokens(post: Correspondent, times: int) -> Any:
    for _ in range(times):
        await age(post.client, 61)
        await post.ask("/auth/forgotten", email=ADA)
        yield await post.token()


@practice("mail-bounded")
async def test_a_mailbox_is_not_filled_and_the_last_tokens_count(post: Correspondent) -> None:
    await add_ada(post.client)
    tokens = []
    for _ in range(4):
        for _ in range(3):
            assert await post.ask("/auth/forgotten", email=ADA) == (202, "")
        tokens.append(await post.token())
        await age(post.client, 61)
    async with post.client.state["sessionmaker"]() as session:
        assert await session.scalar(select(func.count()).select_from(AccountToken)) == 3
    assert await post.ask("/auth/reset", token=tokens[0], new_password=OTHER) == REFUSED
    assert await post.ask("/auth/reset", token=tokens[1], new_password=OTHER) == (204, "")


@practice("mail-bounded")
async def test_an_address_gets_one_mail_a_minute_of_whatever_kind(post: Correspondent, enter: Enter) -> None:
    await add_ada(post.client)
    browser = await enter(post.client)
    for _ in range(2):
        assert (await browser.put(f"{ME}/email", json={"email": NEW, "password": OLD})).status_code == 202
        assert await post.ask("/users", email=NEW, password=OTHER) == (202, "")
    assert len(await post.letters(NEW)) == 1
    for path, sent in (("/users", {"email": ADA, "password": OTHER}), ("/auth/forgotten", {"email": ADA})):
        for _ in range(2):
            assert await post.ask(path, **sent) == (202, "")
        [letter] = await post.letters()
    assert "reset=" in letter, "strangers hold up no reset"
    assert await post.ask("/auth/forgotten", email="eve@example.com") == (202, "")
    assert await post.ask("/users", email="eve@example.com", password=OTHER) == (202, "")
    assert len(await post.letters("eve@example.com")) == 1, "what leads to no mail does not count"


# ── What strangers learn ──────────────────────────────────────────────────────────────────────────────────────────────


@practice("reset-same-answer")
async def test_nobody_learns_who_has_an_account(post: Correspondent, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    hashed = Argon2Hasher.hash

    def note(*given: Any, **options: Any) -> str:
        done.append("hash")
        return hashed(*given, **options)

    await add_ada(post.client)
    async with post.client.state["sessionmaker"].begin() as session:
        session.add(User(email="eve@example.com", password_hash="nobody knows the password", is_active=False))
    event.listen(post.client.state["engine"].sync_engine, "before_cursor_execute", lambda *given: done.append(given[2]))
    monkeypatch.setattr(Argon2Hasher, "hash", note)
    for path, more in (("/users", {"password": OTHER}), ("/auth/forgotten", {})):
        seen = set()
        for name in ("ada", "eve", "unknown"):
            done.clear()
            answer = await post.client.post(f"/api/v1{path}", json={"email": f"{name}@example.com", **more})
            headers = sorted({*answer.headers} - {"x-request-id"})
            seen.add((answer.status_code, answer.text, *headers, *done))
            await post.settle()
        assert len(seen) == 1, "the same answer, after the same work"
        assert "account_token" in str(seen)
    assert len(post.office.received) == 5, "ada and eve have one, and hear of it twice; unknown gets one"


@practice("mail-after-commit")
async def test_what_is_not_stored_is_not_sent(post: Correspondent) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    event.listen(Session, "before_commit", fail)
    try:
        assert (await post.ask("/users", **ACCOUNT))[0] == 500
    finally:
        event.remove(Session, "before_commit", fail)
    assert await post.letters() == []


@practice("mail-off-loop")
async def test_a_slow_server_lets_nobody_wait(mailing: Client, post_office: PostOffice, settle: Settle) -> None:
    post_office.awake.clear()
    for email in (ADA, NEW):
        answer = await mailing.post("/api/v1/users", json={"email": email, "password": OTHER})
        assert answer.status_code == 202
    async with create_task_group() as group:
        group.start_soon(settle)
        await post_office.is_reached()
        assert (await mailing.get("/health")).status_code == 200
        assert post_office.received == [], "it still waits for an answer"
        post_office.awake.set()
    assert [one["To"] for one in post_office.received] == [ADA, NEW]


async def test_a_server_that_is_gone_is_a_line_in_the_log(
    post: Correspondent, caplog: pytest.LogCaptureFixture
) -> None:
    post.office.close()
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    await post.settle()
    assert "refused" in caplog.text
    assert "registration=" not in caplog.text
    post.office.open()
    assert await post.ask("/users", **(ACCOUNT | {"email": NEW})) == (202, "")
    assert len(await post.letters(NEW)) == 1


@practice("rate-limit")
async def test_requests_for_mail_are_limited_each_on_its_own(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    requests: list[tuple[str, dict[str, str], str]] = [
        ("/users", ACCOUNT, "registration"),
        ("/auth/verify", {"token": "A" * 43}, "verification"),
        ("/auth/forgotten", {"email": ADA}, "forgotten password"),
        ("/auth/reset", {"token": "A" * 43, "new_password": OTHER}, "password reset"),
    ]
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        for path, body, name in requests:
            answers = [await client.post(f"/api/v1{path}", json=body) for _ in range(3)]
            assert [answer.status_code == 429 for answer in answers] == [False, False, True]
            assert f"too many attempts: {name}, by 127.0.0.1" in capsys.readouterr().out


@practice("rate-limit")
async def test_passwords_are_not_guessed_by_asking_for_another_address(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, enter: Enter
) -> None:
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        await add_ada(client)
        browser = await enter(client)
        answers = [await browser.put(f"{ME}/email", json={"email": NEW, "password": "wrong"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 429]
