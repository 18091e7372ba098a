"""API keys in the settings."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from app.auth.callers import Scope
from app.auth.dependencies import HEADER
from app.auth.entries import write_entry
from app.auth.key_format import MAX_DAYS
from app.config import get_settings
from tests.api_key import add_key, stored_keys
from tests.conftest import CLOSED, Client, CreateApp, MakeSettings, Run, variables

TODAY = datetime.now(UTC).date()
ID, HASH = "1" * 32, "f" * 64
LATEST = f"billing:read+write:{TODAY + timedelta(days=MAX_DAYS)}:{ID}:{HASH}"


@pytest.mark.parametrize(
    "entries",
    [
        "",
        "confidential",
        LATEST.replace(HASH, HASH[1:]),
        LATEST.replace(ID, "confidential"),
        LATEST.replace("read+write", "read+confidential"),
        LATEST.replace("billing", "Confidential"),
        f"billing:read:2026-02-31:{ID}:{HASH}",
        f"billing:read:{TODAY + timedelta(days=MAX_DAYS + 2)}:{ID}:{HASH}",
        f"{LATEST}, {LATEST}",
    ],
    ids=map(str, range(9)),
)
def test_wrong_entries_stop_the_start_with_their_name_but_not_their_value(entries: str) -> None:
    given = variables(auth={"keys": entries})
    get_settings.cache_clear()
    with patch.dict("os.environ", given), pytest.raises(SystemExit) as refusal:
        get_settings()
    message = str(refusal.value)
    assert min(given) in message
    assert not [part for part in (ID, HASH[1:], "onfidential") if part in message]


def test_a_right_entry_is_read_without_showing_its_hash(make_settings: MakeSettings) -> None:
    settings = repr(make_settings(auth={"keys": LATEST}))
    assert "billing" in settings
    assert HASH not in settings


@pytest.mark.practice("api-key-expiry")
async def test_keys_that_expired_do_not_stop_the_start(
    client: Client, create_app: CreateApp, make_settings: MakeSettings, run: Run
) -> None:
    lives = [await add_key(client.state, "billing", Scope.READ, days=days) for days in (1, -1)]
    async with stored_keys(client.state) as keys:
        entries = ",".join(write_entry(key) for key in await keys.all())
    async with run(create_app(make_settings(auth={"keys": entries}))) as restarted:
        answers = [await restarted.get(CLOSED, headers={HEADER: key}) for key in lives]
    assert [answer.status_code for answer in answers] == [200, 401]
