"""Registration of whoever asks for it."""

import pytest

from tests.account import ACCOUNT
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


@practice("rate-limit")
async def test_registrations_are_limited(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> None:
    async with run(create_app(make_settings(auth={"attempts": "2/minute"}))) as client:
        accounts = [await client.post("/api/v1/users", json=ACCOUNT) for _ in range(3)]
        assert [answer.status_code for answer in accounts] == [201, 409, 429]
        assert (accounts[0].headers["Location"], accounts[0].json()["role"]) == ("/api/v1/users/me", "user")
        assert [answer.json()["code"] for answer in accounts[1:]] == ["email_taken", "too_many_requests"]
