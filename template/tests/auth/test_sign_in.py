"""Who is let in, and what the others learn."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import update

from app.users.models import User
from tests.account import ACCOUNT, Sessions, SignIn
from tests.conftest import CreateApp, MakeSettings, Run
from tests.inspection import operations

practice = pytest.mark.practice


@practice("auth-401-vs-403")
async def test_refusals_tell_the_log_alone_which_accounts_exist(
    ada: AsyncClient, sessions: Sessions, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = [await sign_in(ada, password="wrong"), await sign_in(ada, email="eve@example.com")]
    async with sessions.begin() as session:
        await session.execute(update(User).values(is_active=False))
    refusals.append(await sign_in(ada))
    assert len({answer.headers["WWW-Authenticate"] for answer in refusals}) == 1
    assert {answer.status_code for answer in refusals} == {401}
    assert len({answer.json()["detail"] for answer in refusals}) == 1
    told = [(vars(one)["account"], vars(one)["client"]) for one in caplog.records if one.name == "app.security"]
    assert told == [(email, "127.0.0.1") for email in (ACCOUNT["email"], "eve@example.com", ACCOUNT["email"])]
    assert "wrong" not in caplog.text


@practice("rate-limit")
async def test_attempts_are_limited(
    api: FastAPI, create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn
) -> None:
    limited = {operation["operationId"] for *_, operation in operations(api) if "429" in operation["responses"]}
    assert limited >= {"auth-login", "users-register"}
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        answers = [await sign_in(client, email=f"{name}@example.com") for name in ("ada", "ada", "ada", "eve")]
        assert [answer.status_code for answer in answers] == [401, 401, 429, 401]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
