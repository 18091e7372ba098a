"""Sessions, as a browser uses them and as an attacker would like to."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import Delete, Engine, Update, delete, event, func, select, update

from app.auth.models import UserSession
from app.auth.service import hash_id
from app.users.models import User
from tests.account import ACCOUNT, Sessions, SignIn, add_ada
from tests.conftest import CreateApp, MakeSettings, Run
from tests.inspection import operations, url_of

practice = pytest.mark.practice
Start = Callable[..., AbstractAsyncContextManager[AsyncClient]]
ME, HERE, EVERYWHERE = "/api/v1/users/me", "/api/v1/auth/session", "/api/v1/auth/sessions"
TRUSTED = "https://app.example.com"


async def use(client: AsyncClient, session_id: str) -> int:
    """Return the status of a request from another browser, which has this id."""
    return (await client.get(ME, headers={"Cookie": f"session={session_id}"})).status_code


@pytest.fixture
def start(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> Start:
    """Return what runs an application with these settings, in which there is an account."""

    @asynccontextmanager
    async def started(environment: str = "development", **groups: dict[str, str]) -> AsyncGenerator[AsyncClient]:
        async with run(create_app(make_settings(environment, **groups))) as client:
            await add_ada(client)
            yield client

    return started


@pytest.fixture
async def session_id(ada: AsyncClient, sign_in: SignIn) -> str:
    """Return the id of a session, which the client has forgotten."""
    assert (await sign_in(ada)).status_code == 200
    new: str = ada.cookies["session"]
    ada.cookies.clear()
    return new


@practice("session-cookie")
@pytest.mark.parametrize(
    ("place", "name", "flags"),
    [
        ("production", "__Host-session", {"Secure", "HttpOnly", "Path=/", "SameSite=strict"}),
        ("staging", "__Host-session", {"Secure", "HttpOnly", "Path=/", "SameSite=strict"}),
        ("development", "session", {"HttpOnly", "Path=/", "SameSite=strict"}),
    ],
)
async def test_only_the_browser_has_the_id(
    start: Start, sign_in: SignIn, place: str, name: str, flags: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    async with start(place) as client:
        answer = await sign_in(client)
        assert ("browsers drop its cookie" in capsys.readouterr().out) is ("Secure" in flags)
        cookie, *rest = answer.headers["Set-Cookie"].split("; ")
        new = cookie.removeprefix(f"{name}=")
        assert (len(new), set(rest)) == (43, flags)
        assert new not in answer.text
        assert (await client.get(ME, headers={"Cookie": cookie})).json()["email"] == ACCOUNT["email"]
        ended = await client.delete(HERE, headers={"Cookie": cookie})
        assert {f'{name}=""', "Max-Age=0", *flags} <= set(ended.headers["Set-Cookie"].split("; "))


@practice("session-cookie")
async def test_the_id_is_stored_as_a_hash(ada: AsyncClient, session_id: str, sessions: Sessions) -> None:
    async with sessions() as session:
        stored = str(await session.scalar(select(UserSession.id_hash)))
    assert stored == hash_id(session_id)
    broken = [session_id[:-1], session_id + "x", session_id.swapcase(), stored, "x" * 8000, "%00", ""]
    assert [await use(ada, one) for one in [*broken, session_id]] == [401] * len(broken) + [200]


@practice("session-rotation")
async def test_each_sign_in_has_a_new_id_and_ends_the_old_session(ada: AsyncClient, sign_in: SignIn) -> None:
    ids = ["planted-by-somebody-else".ljust(43, "x")]
    for password, status in ((ACCOUNT["password"], 200), ("wrong", 401), (ACCOUNT["password"], 200)):
        ada.headers["Cookie"] = f"session={ids[-1]}"
        answer = await sign_in(ada, password=password)
        assert answer.status_code == status
        ids.append(str(answer.cookies.get("session", ids[-1])))
        assert await use(ada, ids[-1]) == 200
    assert ids[1] == ids[2]
    assert [await use(ada, one) for one in ids] == [401, 401, 401, 200]


@practice("session-rotation")
async def test_an_id_cannot_be_rotated_into_two_that_share_anything(
    ada: AsyncClient, sign_in: SignIn, session_id: str
) -> None:
    ada.headers["Cookie"] = f"session={session_id}"
    answers = []

    async def race() -> None:
        answers.append(await sign_in(ada))

    async with anyio.create_task_group() as group:
        group.start_soon(race)
        group.start_soon(race)
    new = {answer.cookies["session"] for answer in answers}
    assert (len(new), [answer.status_code for answer in answers]) == (2, [200, 200])
    assert [await use(ada, one) for one in [session_id, *new]] == [401, 200, 200]


@practice("session-rotation")
async def test_a_new_password_gives_the_browser_a_new_id(ada: AsyncClient, sessions: Sessions, session_id: str) -> None:
    ada.cookies.set("session", session_id)
    async with sessions() as session:
        [before] = await session.scalars(select(UserSession.id))
    body = {"password": ACCOUNT["password"], "new_password": "staple battery horse correct"}
    answer = await ada.put(f"{ME}/password", json=body)
    new = str(answer.cookies["session"])
    assert {"HttpOnly", "SameSite=strict"} < {*answer.headers["Set-Cookie"].split("; ")}
    ada.cookies.clear()
    assert [await use(ada, one) for one in (session_id, new)] == [401, 200]
    async with sessions() as session:
        assert [*await session.scalars(select(UserSession.id))] == [before], "the same sign-in"


@practice("session-expiry")
@pytest.mark.parametrize(
    ("column", "minutes", "status"),
    [("used_at", 59, 200), ("used_at", 60, 401), ("expires_at", -1, 200), ("expires_at", 0, 401)],
)
async def test_sessions_end_by_themselves(
    ada: AsyncClient, session_id: str, sessions: Sessions, column: str, minutes: int, status: int
) -> None:
    async with sessions.begin() as session:
        time = datetime.now(UTC) - timedelta(minutes=minutes)
        await session.execute(update(UserSession).values({column: time}))
    assert await use(ada, session_id) == status


@practice("session-expiry")
async def test_what_has_ended_is_removed_at_the_next_sign_in(
    ada: AsyncClient, session_id: str, sessions: Sessions, sign_in: SignIn
) -> None:
    assert await use(ada, session_id) == 200
    for minutes, count in ((59, 2), (61, 1)):
        async with sessions.begin() as session:
            await session.execute(update(UserSession).values(used_at=datetime.now(UTC) - timedelta(minutes=minutes)))
        ada.cookies.clear()
        await sign_in(ada)
        assert (await ada.get(EVERYWHERE)).json()["total"] == count
        async with sessions() as session:
            assert await session.scalar(select(func.count()).select_from(UserSession)) == count


@practice("session-expiry")
async def test_reading_keeps_a_session_alive_and_seldom_writes(
    ada: AsyncClient, session_id: str, sessions: Sessions
) -> None:
    written: list[str] = []
    note = lambda *arguments: written.append(arguments[2].split()[0])  # noqa: E731
    async with sessions.begin() as session:
        await session.execute(update(UserSession).values(used_at=datetime.now(UTC) - timedelta(minutes=59)))
    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert [await use(ada, session_id) for _ in range(3)] == [200] * 3
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert written.count("UPDATE") == 1
    async with sessions() as session:
        used_at = await session.scalar(select(UserSession.used_at))
    assert used_at
    assert used_at > datetime.now(UTC) - timedelta(minutes=1)


@practice("session-revocation")
async def test_signing_out_ends_this_session_or_all(ada: AsyncClient, session_id: str, sign_in: SignIn) -> None:
    for url, others in ((HERE, 200), (EVERYWHERE, 401)):
        await sign_in(ada)
        here = ada.cookies["session"]
        assert (await ada.delete(url)).status_code == 204
        assert "session" not in ada.cookies
        assert [await use(ada, here), await use(ada, session_id)] == [401, others]
    assert (await ada.delete(HERE)).status_code == 204
    assert (await ada.delete(EVERYWHERE)).status_code == 401


@practice("session-revocation")
@pytest.mark.parametrize("end", [update(User).values(is_active=False), delete(User)], ids=["disabled", "deleted"])
async def test_sessions_end_with_the_account(
    ada: AsyncClient, session_id: str, sessions: Sessions, end: Update | Delete
) -> None:
    async with sessions.begin() as session:
        await session.execute(end)
    assert await use(ada, session_id) == 401


@practice("csrf-protection")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site", "Origin": TRUSTED}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://pr-7.example.com"}, 200),
        ({"Sec-Fetch-Site": "same-site", "Origin": f"{TRUSTED}.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://test"}, 200),
        ({"Origin": "http://test.evil.example"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
async def test_only_own_and_trusted_pages_may_sign_in(
    start: Start, sign_in: SignIn, headers: dict[str, str], status: int
) -> None:
    async with start(http={"cors_origins": TRUSTED, "cors_origin_pattern": r"https://pr-\d\.example\.com"}) as client:
        client.headers.update(headers)
        answer = await sign_in(client)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (status, status == 200)


@practice("csrf-protection")
async def test_foreign_pages_change_nothing(api: FastAPI, user: AsyncClient) -> None:
    user.headers["Sec-Fetch-Site"] = "same-site"
    for path, method, operation in operations(api):
        answer = await user.request(method, url_of(path))
        refused = answer.status_code == 403 and answer.json()["code"] == "foreign_origin"
        assert refused is (method not in {"get", "head", "options"}), path
        assert not refused or "403" in operation["responses"], path


@practice("oauth2-scheme-documented")
def test_the_documentation_says_how_to_get_the_cookie(api: FastAPI) -> None:
    [scheme] = api.openapi()["components"]["securitySchemes"].values()
    assert (scheme["in"], scheme["name"]) == ("cookie", "__Host-session")
    method, path = scheme["description"].split("`")[1].split()
    assert method.lower() in api.openapi()["paths"][path]
