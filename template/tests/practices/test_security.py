"""Practices of security that need no sign-in, and of the middleware that every answer passes."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import ValidationError

from tests.conftest import CreateApp, MakeSettings, Run
from tests.inspection import ROOT, operations, url_of

practice = pytest.mark.practice
ORIGIN = "https://app.example.com"
FOREIGN = {"Host": "foreign.example"}


@pytest.fixture
async def answers(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> dict[int, Response]:
    """Return one answer of each kind, from production with known hosts and origins."""
    app = create_app(make_settings("production", http={"allowed_hosts": "test", "cors_origins": ORIGIN}))

    async def fail() -> None:
        message = "secret"
        raise RuntimeError(message)

    app.add_api_route("/fail", fail)
    async with run(app) as client:
        client.headers["Origin"] = ORIGIN
        responses = [
            await client.get("/health", headers=FOREIGN),
            await client.get("/fail", headers=FOREIGN),
            await client.get("/openapi.json"),
            await client.post("/health"),
            await client.post("/health", content=bytes(1_048_577)),
            await client.get("/fail"),
        ]
    return {response.status_code: response for response in responses}


@practice("middleware-order")
def test_browsers_can_read_every_answer_and_its_id(answers: dict[int, Response]) -> None:
    assert answers.keys() == {200, 400, 404, 405, 413, 500}
    assert {answer.headers.get("Access-Control-Allow-Origin") for answer in answers.values()} == {ORIGIN}
    assert all(answer.headers.get("X-Request-ID") for answer in answers.values())


@practice("security-headers")
def test_every_answer_is_hardened(answers: dict[int, Response]) -> None:
    assert {answer.headers.get("X-Content-Type-Options") for answer in answers.values()} == {"nosniff"}
    assert {answer.headers.get("Referrer-Policy") for answer in answers.values()} == {"no-referrer"}


@practice("security-headers")
async def test_what_may_be_private_is_not_stored(app: FastAPI, client: AsyncClient) -> None:
    for path, method, _ in operations(app):
        answer = await client.request(method, url_of(path))
        assert answer.headers.get("Cache-Control") == "no-store", path


@practice("trusted-hosts")
def test_foreign_hosts_are_refused_except_by_probes(answers: dict[int, Response]) -> None:
    assert answers[400].request.headers["Host"] == FOREIGN["Host"]
    assert answers[200].request.headers["Host"] == FOREIGN["Host"]
    assert answers[500].request.headers["Host"] == "test"


@practice("process-time-header")
def test_every_answer_tells_its_duration(answers: dict[int, Response]) -> None:
    assert [code for code, answer in answers.items() if "app;dur=" not in answer.headers.get("Server-Timing", "")] == []


@practice("prod-debug-off")
def test_failures_tell_nothing(answers: dict[int, Response], app: FastAPI, server_options: dict[str, Any]) -> None:
    assert "secret" not in answers[500].text
    assert "Traceback" not in answers[500].text
    assert not app.debug
    assert "reload" not in server_options
    starts = [ROOT / "Dockerfile", ROOT / "compose.yaml"]
    assert [path for path in starts if path.exists() and "--reload" in path.read_text()] == []


@practice("docs-hidden-in-production")
async def test_documentation_is_for_development(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> None:
    for environment, status in (("production", 404), ("development", 200)):
        async with run(create_app(make_settings(environment))) as client:
            for path in ("/docs", "/redoc", "/openapi.json"):
                assert (await client.get(path)).status_code == status


@practice("cors-explicit-origins")
async def test_only_named_origins_may_call(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> None:
    asked = {"Access-Control-Request-Method": "GET"}
    async with run(create_app(make_settings(http={"cors_origins": ORIGIN}))) as client:
        known = await client.options("/health", headers={"Origin": ORIGIN} | asked)
        foreign = await client.options("/health", headers={"Origin": "https://foreign.example"} | asked)
    assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "*" not in known.headers["Access-Control-Allow-Methods"] + known.headers["Access-Control-Allow-Headers"]
    with pytest.raises(ValidationError):
        make_settings("production", http={"cors_origins": "*"})


@practice("input-bounded")
async def test_large_bodies_are_refused_whether_they_say_their_size_or_not(
    app: FastAPI, user: AsyncClient, answers: dict[int, Response]
) -> None:
    assert answers[413].json()["code"] == "content_too_large"
    for path, method, operation in operations(app):
        for media_type in operation.get("requestBody", {}).get("content", {}):
            chunks = AsyncChunks()
            answer = await user.request(method, url_of(path), content=chunks, headers={"Content-Type": media_type})
            assert answer.status_code == 413, path
            assert chunks.sent < 40, path


class AsyncChunks:
    """A body of 4 MiB that does not say its size."""

    sent = 0

    async def __aiter__(self) -> Any:
        for _ in range(64):
            self.sent += 1
            yield b" " * 65536


@practice("strict-content-type")
async def test_json_needs_its_content_type(app: FastAPI, user: AsyncClient) -> None:
    refused = []
    for path, method, operation in operations(app):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            answer = await user.request(method, url_of(path), content=b"{}")
            refused += [[error["pointer"] for error in answer.json().get("errors", [])]]
    assert ["/body"] in refused
    assert [pointers for pointers in refused if any(pointer.startswith("/body/") for pointer in pointers)] == []


@practice("locked-dependencies")
def test_installs_are_locked(pyproject: dict[str, Any]) -> None:
    tasks = pyproject["tool"]["poe"]["tasks"]
    assert "lock" in tasks["check"]["sequence"]
    assert tasks["lock"]["cmd"] == "uv lock --check"
    assert (ROOT / "uv.lock").exists()
    assert "uv.lock" not in (ROOT / ".gitignore").read_text().splitlines()
    files = [*ROOT.glob("Dockerfile"), *ROOT.glob(".github/**/*.yml")]
    installs = [line for file in files for line in file.read_text().splitlines() if "uv sync" in line]
    assert [line for line in installs if "--locked" not in line] == []
