"""What a database makes of values that are sent."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import AsyncClient

from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice


@practice("db-timezone-timestamps")
async def test_times_are_kept_whatever_zone_the_server_is_in(user: AsyncClient) -> None:
    await user.post(URL, json=BICYCLE | {"starts_at": "2026-03-01T06:45:00.123456+05:45"})
    [item] = (await user.get(URL)).json()["items"]
    assert item["starts_at"] == "2026-03-01T01:00:00.123456Z"
    assert abs(datetime.now(UTC) - datetime.fromisoformat(item["created_at"])) < timedelta(minutes=1)


@practice("db-exact-text")
async def test_text_is_compared_as_it_is_written(user: AsyncClient) -> None:
    names = ["Resume", "resume", "R\u00e9sum\u00e9", "\U0001f6b2", "\U0001f6f4"]
    assert [(await user.post(URL, json=BICYCLE | {"name": name})).status_code for name in names] == [201] * len(names)
    assert {item["name"] for item in (await user.get(URL)).json()["items"]} == set(names)
