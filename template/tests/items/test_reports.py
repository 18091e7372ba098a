from decimal import Decimal

import pytest
from httpx2 import AsyncClient

from app.items.report import summarise
from tests.jobs.worker import quick
from tests.workers import Drain

URL = "/api/v1/items/reports"


async def test_a_report_is_on_all_items(user: AsyncClient, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.items.tasks.PAGE", 2)
    for number in range(5):
        await user.post("/api/v1/items", json={"name": f"Item {number}", "price": number})
    url = (await user.post(URL)).headers["Location"]
    await drain()
    assert (await user.get(url)).json()["result"] == {"count": 5, "total": "10.00", "median": "2.00"}


async def test_a_key_is_for_one_kind_of_job(user: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await user.post(URL, headers={"Idempotency-Key": "two words"})).status_code == 422
    key = {"Idempotency-Key": "one"}
    assert (await user.post(URL, headers=key)).status_code == 202
    monkeypatch.setattr("app.items.reports.make_report", quick)
    refused = await user.post(URL, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")


def test_nothing_has_no_middle() -> None:
    assert summarise([]) == {"count": 0, "total": "0", "median": "0"}
    assert summarise([Decimal("1.00"), Decimal("2.01")])["median"] == "1.505"
