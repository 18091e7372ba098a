"""What the mails say."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app import TITLE
from app.mail.models import TELLING, Purpose
from app.mail.texts import DISABLED, TAKEN, TEXTS, Text, filled

TIME = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
LINK = "https://app.example.com/account#reset=" + "A" * 43


@pytest.mark.parametrize("text", [*TEXTS.values(), TAKEN, DISABLED])
def test_people_understand_it(text: Text) -> None:
    subject, body = filled(text, TIME, LINK)
    assert TITLE in subject
    assert TITLE in body
    assert "If it was not you, " in body
    assert not re.search(r"[{}]", subject + body)
    assert max(len(line) for line in body.splitlines() if line != LINK) < 100


@pytest.mark.parametrize("purpose", Purpose)
def test_it_says_how_to_go_on_and_until_when(purpose: Purpose) -> None:
    _, body = filled(TEXTS[purpose], TIME, LINK)
    assert (f"\n\n{LINK}\n\n" in body) is (purpose not in TELLING)
    assert f"{TIME.astimezone(UTC):%Y-%m-%d} 04:30 UTC" in body
