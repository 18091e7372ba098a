"""Practices of a database that is a file."""

from types import SimpleNamespace

import pytest
from httpx2 import AsyncClient

practice = pytest.mark.practice


@practice("health-readiness")
async def test_who_has_no_room_left_is_not_ready(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.sqlite.disk_usage", lambda _path: SimpleNamespace(free=0))
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["disk"]) == (503, "failed")
