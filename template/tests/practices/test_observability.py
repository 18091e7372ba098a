"""Practices of logs, health checks and the server."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.types import Message

from app.config import Settings
from app.core import health
from tests.conftest import CreateApp, MakeSettings, Run, connect
from tests.inspection import calls, operations, url_of

practice = pytest.mark.practice
Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Logged:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@practice("structured-logging")
@practice("logs-to-stdout")
@practice("logging-configured-once")
def test_production_writes_json(create_app: CreateApp, make_settings: MakeSettings, logged: Logged) -> None:
    places = calls("basicConfig", "dictConfig", "fileConfig", "addHandler")
    assert {place.split(":")[0] for place in places} <= {"app/core/logging.py"}
    create_app(make_settings("production"))
    logging.getLogger("uvicorn.error").error("Failed %s", "twice", extra={"n": 7j}, exc_info=ValueError("secret"))
    logging.getLogger("uvicorn.access").error("The application has a log of its own.")
    [line] = logged()
    expected = {"level": "error", "logger": "uvicorn.error", "message": "Failed twice", "request_id": "-", "n": "7j"}
    assert line | expected == line
    assert re.fullmatch(r"\S+\.\d{3}\+00:00", line["time"])
    assert "ValueError" in line["exception"]


@practice("structured-logging")
def test_development_writes_text(create_app: CreateApp, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    create_app(settings)
    logging.getLogger("uvicorn.error").warning("Twice")
    assert capsys.readouterr().out.endswith(" WARNING uvicorn.error [-]: Twice\n")


@practice("logging-configured-once")
@practice("request-log-middleware")
def test_the_server_does_what_the_settings_say(settings: Settings, server_options: dict[str, Any]) -> None:
    told = {"host": settings.host, "port": settings.port, "root_path": settings.root_path, "log_config": None}
    assert server_options | told | {"access_log": False, "server_header": False} == server_options
    assert server_options["timeout_keep_alive"] > server_options["timeout_graceful_shutdown"] > 0
    with pytest.raises(SystemExit, match=r"^0$"):
        server_options["stop"](15, None)


@practice("request-log-middleware")
@practice("request-id")
async def test_each_request_leaves_one_record(
    create_app: CreateApp, make_settings: MakeSettings, run: Run, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, path = create_app(make_settings("production")), "/things/{thing_id}"
    app.add_api_route(path, works, tags=["test"])
    monkeypatch.setattr("app.core.middleware.perf_counter", count(step=0.0016).__next__)
    async with run(app) as client:
        await client.get("/health")
        answer = await client.get(url_of(path), params={"name": "Ada"}, headers={"X-Request-ID": "abc-1"})
    [record] = [line for line in logged() if line["logger"] == "app.access"]
    expected = {"method": "GET", "route": path, "status": answer.status_code, "request_id": "abc-1"}
    assert record | expected == record
    assert ("Server-Timing" in answer.headers, record["duration_ms"]) == (False, 1.6)
    assert "Ada" not in str(record)


@practice("request-id")
async def test_answers_carry_an_id_that_cannot_forge_log_lines(client: AsyncClient) -> None:
    for sent in ("abc-1", "", "two words", "x" * 65, "\u00e9"):
        answer = await client.get("/nothing", headers={b"X-Request-ID": sent.encode("latin-1")})
        assert (answer.headers["X-Request-ID"] == sent) is (sent == "abc-1")
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


async def works() -> None:
    pass


async def broken() -> None:
    raise ConnectionError


@practice("health-liveness")
async def test_liveness_needs_nothing(api: FastAPI) -> None:
    assert (await connect(api, {}).get("/health")).status_code == 200
    assert [path for path, *_ in operations(api) if path.startswith("/health")] == []


@practice("test-lifespan-runs")
async def test_the_server_starts_and_stops_the_application(app: FastAPI) -> None:
    told, said = asyncio.Queue[Message](), asyncio.Queue[Message]()
    events = ["lifespan.startup", "lifespan.shutdown"]
    for event in events:
        told.put_nowait({"type": event})
    await app({"type": "lifespan", "state": {}}, told.get, said.put)
    assert [said.get_nowait()["type"] for _ in range(said.qsize())] == [f"{event}.complete" for event in events]


@practice("health-readiness")
@practice("test-lifespan-runs")
async def test_readiness_asks_what_is_needed_but_not_for_long(
    api: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    assert health.READINESS_TIMEOUT <= 2
    monkeypatch.setattr(health, "READINESS_TIMEOUT", 0.01)
    for check, code, outcome in ((broken, 503, "failed"), (anyio.sleep_forever, 503, "failed"), (works, 200, "ok")):
        with anyio.fail_after(1):
            answer = await connect(api, {"readiness_checks": {"cache": check}}).get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]) == (code, {"cache": outcome})
    assert caplog.text.count("check cache failed") == 2
