"""Who is let in, and what the others learn."""

import pytest
from httpx2 import AsyncClient
from sqlalchemy import update

from app.users.models import User
from tests.account import Sessions, SignIn
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


@practice("auth-401-vs-403")
async def test_refusals_do_not_tell_which_accounts_exist(ada: AsyncClient, sessions: Sessions, sign_in: SignIn) -> None:
    refusals = [await sign_in(ada, password="wrong"), await sign_in(ada, email="eve@example.com")]
    async with sessions.begin() as session:
        await session.execute(update(User).values(is_active=False))
    refusals.append(await sign_in(ada))
    assert len({answer.headers["WWW-Authenticate"] for answer in refusals}) == 1
    assert {answer.status_code for answer in refusals} == {401}
    assert len({answer.json()["detail"] for answer in refusals}) == 1


@practice("rate-limit")
async def test_attempts_are_limited(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn
) -> None:
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        answers = [await sign_in(client) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
        answers = [await sign_in(client, email=f"{number}@example.com") for number in range(20)]
        assert {answer.status_code for answer in answers[:10]} == {401}
        assert answers[-1].status_code == 429
