"""What becomes of accounts: what their owners do, and what administrators do."""

from asyncio import gather
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy import func, select, update

from app.users.models import Role, User
from app.users.passwords import Passwords
from app.users.repository import UserRepository
from tests.account import ACCOUNT, Enter, Sessions, SignIn, add_account, add_ada
from tests.conftest import Client, CreateApp, Credentials, MakeSettings, Run
from tests.conftest import sign_in as add_caller

practice = pytest.mark.practice
ME, SESSIONS, USERS = "/api/v1/users/me", "/api/v1/auth/sessions", "/api/v1/users"
OLD, NEW = ACCOUNT["password"], "staple battery horse correct"


async def leave(client: AsyncClient, password: str = OLD) -> int:
    return (await client.post(f"{ME}/deletion", json={"password": password})).status_code


@practice("account-changes-logged")
@practice("password-change")
async def test_a_new_password_needs_the_old_one_and_ends_all_other_sign_ins(
    ada: AsyncClient, sign_in: SignIn, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = await enter(ada), await enter(ada)
    for password, new, code, field in (
        ("wrong", NEW, "wrong_password", "password"),
        (OLD, ACCOUNT["email"], "common_password", "new_password"),
        (OLD, "too short", "invalid_request", "new_password"),
    ):
        answer = await here.put(f"{ME}/password", json={"password": password, "new_password": new})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, code)
        assert [error["pointer"] for error in problem["errors"]] == [f"/body/{field}"]
    assert (await here.put(f"{ME}/password", json={"password": OLD, "new_password": NEW})).status_code == 204
    assert [(await client.get(ME)).status_code for client in (here, there)] == [200, 401]
    assert [(await sign_in(ada, password=password)).status_code for password in (OLD, NEW)] == [401, 200]
    assert "password refused: ada@example.com, by 127.0.0.1" in caplog.text
    assert "password changed: ada@example.com, by 127.0.0.1" in caplog.text
    assert NEW not in caplog.text


@practice("password-change")
async def test_of_two_new_passwords_one_counts(ada: AsyncClient, sign_in: SignIn, enter: Enter) -> None:
    browsers = [await enter(ada) for _ in range(2)]
    new = [NEW, NEW[::-1]]
    changes = [{"password": OLD, "new_password": password} for password in new]
    answers = await gather(*(one.put(f"{ME}/password", json=body) for one, body in zip(browsers, changes, strict=True)))
    assert sorted(answer.status_code == 204 for answer in answers) == [False, True]
    assert sorted([(await sign_in(ada, password=password)).status_code for password in new]) == [200, 401]


@practice("password-change")
@pytest.mark.parametrize(("act", "status"), [("sign in", 401), ("change", 422)])
async def test_a_password_that_is_replaced_while_it_is_checked_is_no_good(
    ada: AsyncClient,
    sessions: Sessions,
    sign_in: SignIn,
    enter: Enter,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
    status: int,
) -> None:
    browser, verify = await enter(ada), Passwords.verify

    async def outpaced(*given: Any) -> tuple[bool, str | None]:
        result = await verify(*given)
        async with sessions.begin() as session:
            await session.execute(update(User).values(password_hash="of another password"))
        return result

    monkeypatch.setattr(Passwords, "verify", outpaced)
    body = {"password": OLD, "new_password": NEW}
    answer = await (sign_in(ada) if act == "sign in" else browser.put(f"{ME}/password", json=body))
    assert answer.status_code == status


@practice("rate-limit")
async def test_passwords_are_not_guessed_by_whoever_found_the_device(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, enter: Enter, credentials: Credentials
) -> None:
    async with run(create_app(make_settings(auth={"attempts": "3/minute"}))) as client:
        await add_ada(client)
        browser = await enter(client)
        answers = [await browser.put(f"{ME}/password", json={"password": "wrong", "new_password": NEW})]
        answers += [await browser.post(f"{ME}/deletion", json={"password": "wrong"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
        assert await leave(await add_caller(client, credentials, "other")) == 422, "others have tries of their own"


@practice("sign-ins-visible")
async def test_sign_ins_are_seen_and_ended(ada: AsyncClient, user: AsyncClient, enter: Enter) -> None:
    phone, laptop = await enter(ada, "Phon\u00ad\u00e9".encode()), await enter(ada, b"L" * 300)
    page = (await laptop.get(SESSIONS)).json()
    assert [(one["device"], one["is_current"]) for one in page["items"]] == [("L" * 200, True), ("Phon\u00e9", False)]
    assert page["items"][0]["used_at"] >= page["items"][1]["used_at"]
    created, used = (datetime.fromisoformat(page["items"][1][name]) for name in ("created_at", "used_at"))
    assert abs(used - created) < timedelta(minutes=1), "the clocks of two machines"
    part = (await phone.get(SESSIONS, params={"limit": 1, "offset": 1})).json()
    assert (part["total"], [one["is_current"] for one in part["items"]]) == (2, [True])
    url = f"{SESSIONS}/{page['items'][1]['id']}"
    assert [(await client.delete(url)).status_code for client in (user, laptop, laptop)] == [404, 204, 404]
    assert [(await client.get(ME)).status_code for client in (phone, laptop, user)] == [401, 200, 200]


@practice("sign-ins-visible")
async def test_what_has_ended_by_itself_cannot_be_ended(
    ada: AsyncClient, sessions: Sessions, enter: Enter, sign_in_model: type[Any]
) -> None:
    browsers = [await enter(ada) for _ in range(2)]
    [expired] = [one["id"] for one in (await browsers[0].get(SESSIONS)).json()["items"] if not one["is_current"]]
    async with sessions.begin() as session:
        gone = update(sign_in_model).where(sign_in_model.id == UUID(expired))
        await session.execute(gone.values(expires_at=datetime.now(UTC)))
    assert [one["is_current"] for one in (await browsers[0].get(SESSIONS)).json()["items"]] == [True]
    assert (await browsers[0].delete(f"{SESSIONS}/{expired}")).status_code == 404


@practice("sign-ins-visible")
async def test_signing_out_everywhere_ends_all_at_once(
    ada: AsyncClient, user: AsyncClient, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    browsers = [await enter(ada) for _ in range(2)]
    assert (await browsers[0].delete(SESSIONS)).status_code == 204
    assert [(await client.get(ME)).status_code for client in (*browsers, user)] == [401, 401, 200]
    assert "all sign-ins ended: ada@example.com, by 127.0.0.1" in caplog.text


@practice("account-changes-logged")
@practice("account-deletion")
async def test_an_account_leaves(
    client: Client,
    ada: AsyncClient,
    admin: AsyncClient,
    sign_in: SignIn,
    enter: Enter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = await enter(ada)
    url = f"{USERS}/{(await browser.get(ME)).json()['id']}"
    assert [await leave(browser, "wrong"), (await admin.get(url)).status_code] == [422, 200]
    assert [await leave(browser), (await admin.get(url)).status_code] == [204, 404]
    assert [(await browser.get(ME)).status_code, (await sign_in(ada)).status_code] == [401, 401]
    assert len((await admin.get(USERS)).json()["items"]) == 1
    await add_ada(client)
    assert "account deleted: ada@example.com, by 127.0.0.1" in caplog.text


@pytest.fixture
async def only(ada: AsyncClient, sessions: Sessions, enter: Enter) -> AsyncClient:
    """Return a client of the only administrator."""
    async with sessions.begin() as session:
        await session.execute(update(User).values(role=Role.ADMIN))
    return await enter(ada)


@practice("last-administrator")
async def test_the_last_administrator_stays(only: AsyncClient, user: AsyncClient) -> None:
    url, other = [f"{USERS}/{(await client.get(ME)).json()['id']}" for client in (only, user)]

    async def stays() -> None:
        answers = [await only.patch(url, json=change) for change in ({"role": "user"}, {"is_active": False})]
        answers.append(await only.post(f"{ME}/deletion", json={"password": OLD}))
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "last_administrator")}
        assert (await only.get(url)).json()["role"] == "admin"

    await stays()
    for change in ({"role": "admin"}, {"is_active": False}):
        assert (await only.patch(other, json=change)).status_code == 200
    await stays()
    assert (await only.patch(other, json={"is_active": True})).status_code == 200
    assert (await only.patch(url, json={"role": "user"})).status_code == 200
    assert (await only.get(url)).status_code == 403
    assert await leave(only) == 204


@practice("last-administrator")
async def test_two_administrators_do_not_leave_at_once(
    only: AsyncClient, client: Client, sessions: Sessions, credentials: Credentials
) -> None:
    both = [only, await add_caller(client, credentials, "other", "all")]
    urls = [f"{USERS}/{(await one.get(ME)).json()['id']}" for one in both]
    answers = await gather(*(one.patch(url, json={"role": "user"}) for one, url in zip(both, urls, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(User.role == Role.ADMIN)) == 1


@practice("last-administrator")
async def test_who_becomes_an_administrator_meanwhile_is_not_the_last(
    client: Client, sessions: Sessions, admin: AsyncClient
) -> None:
    del admin
    found = await add_account(client.state, "other", admin=False)
    async with sessions.begin() as session:
        users = UserRepository(session)
        user = await users.get(found.id)
        assert user
        await session.execute(update(User).values(role=Role.ADMIN).execution_options(synchronize_session=False))
        assert not user.is_admin, "as it was read"
        assert len(await users.lock(user)) == 2


async def test_administrators_find_accounts(ada: AsyncClient, admin: AsyncClient, user: AsyncClient) -> None:
    [mine] = (await admin.get(USERS, params={"email": "ADA@example.com"})).json()["items"]
    assert (mine["email"], (await admin.get(f"{USERS}/{mine['id']}")).json()) == (ACCOUNT["email"], mine)
    for wanted, total in (
        ({"email": "ada@example.co"}, 0),
        ({"role": "admin"}, 1),
        ({"role": "user"}, 2),
        ({"is_active": "true"}, 3),
        ({"is_active": "false"}, 0),
    ):
        answer = await admin.get(USERS, params=wanted | {"limit": "1", "count": "true"})
        found = (answer.json()["total"], len(answer.json()["items"]), "next" in answer.links)
        assert found == (total, min(total, 1), total > 1)
    assert (await admin.get(USERS, params={"is_active": "yes"})).status_code == 422
    assert [(await user.get(f"{USERS}/{mine['id']}")).status_code, (await ada.get(USERS)).status_code] == [403, 401]


@practice("account-changes-logged")
@practice("sign-ins-visible")
async def test_administrators_disable_and_enable_accounts(
    ada: AsyncClient, admin: AsyncClient, sign_in: SignIn, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await enter(ada)
    url = f"{USERS}/{(await browser.get(ME)).json()['id']}"
    for is_active, status in ((False, 401), (True, 200)):
        caplog.clear()
        assert (await admin.patch(url, json={"is_active": is_active})).json()["is_active"] is is_active
        assert [(await browser.get(ME)).status_code, (await sign_in(ada)).status_code] == [401, status]
        told = next(vars(one) for one in caplog.records if one.name == "app.security")
        assert "by admin@example.com, 127.0.0.1" in caplog.text
        who = [told[part] for part in ("event", "detail", "account", "client", "administrator")]
        assert who == ["account changed", f"is_active: {is_active}", ACCOUNT["email"], "127.0.0.1", "admin@example.com"]
    browser = await enter(ada)
    assert [(await admin.delete(f"{url}/sessions")).status_code, (await browser.get(ME)).status_code] == [204, 401]
    assert "all sign-ins ended: ada@example.com, by admin@example.com, 127.0.0.1" in caplog.text
    assert (await admin.get(url)).json()["is_active"], "nothing else has changed"
    missing = f"{USERS}/{'0' * 32}"
    answers = [await admin.get(missing), await admin.patch(missing, json={}), await admin.delete(f"{missing}/sessions")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "user_not_found")] * 3
