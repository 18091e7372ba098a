"""Attempts to sign in, of which each process sees some."""

import pytest
from fastapi import FastAPI

from tests.account import SignIn
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


@pytest.fixture
def attempts(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    """Return an application that lets an account be tried twice."""
    return create_app(make_settings(auth={"attempts": "2/minute"}))


@practice("rate-limit-shared")
async def test_all_processes_count_together(attempts: FastAPI, run: Run, sign_in: SignIn) -> None:
    async with run(attempts) as one, run(attempts) as other:
        answers = [await sign_in(client) for client in (one, other, one, other)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


@practice("rate-limit-shared")
async def test_without_a_server_each_counts_for_itself(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, sign_in: SignIn
) -> None:
    settings = make_settings(auth={"attempts": "2/minute"}, cache={"url": "unix:///nowhere"})
    async with run(create_app(settings)) as client:
        answers = [await sign_in(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
