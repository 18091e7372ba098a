"""Practices of what every answer carries, and of what is refused before anybody looks at it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient, Response
from pydantic import ValidationError
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.core.schemas import MAX_PARTS
from tests.conftest import CreateApp, MakeSettings, Run
from tests.inspection import operations, practices, url_of

practice = pytest.mark.practice
ORIGIN = "https://app.example.com"
FOREIGN = {"Host": "foreign.example"}


@pytest.fixture(scope="module")
async def answers(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> dict[int, Response]:
    """Return one answer of each kind, from production with known hosts and origins."""
    app = create_app(make_settings("production", http={"allowed_hosts": "test", "cors_origins": ORIGIN}))
    app.add_api_route("/fail", lambda: int("secret"), tags=["test"], response_model=None)
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


@practices(
    "header, value",
    ("middleware-order", "Access-Control-Allow-Origin", ORIGIN),
    ("request-id", "X-Request-ID", r"[0-9a-f]{32}"),
    ("error-shape-uniform", "Content-Type", r"application/(problem\+)?json"),
    ("process-time-header", "Server-Timing", ""),
    ("security-headers", "X-Content-Type-Options", "nosniff"),
    ("security-headers", "Referrer-Policy", "no-referrer"),
)
async def test_every_answer_carries_this(answers: dict[int, Response], header: str, value: str) -> None:
    assert [code for code, answer in answers.items() if not re.fullmatch(value, answer.headers.get(header, ""))] == []


@practices(
    "code, url",
    ("trusted-hosts", 200, "http://foreign.example/health"),
    ("trusted-hosts", 400, "http://foreign.example/fail"),
    ("docs-hidden-in-production", 404, "http://test/openapi.json"),
    ("input-bounded", 413, "http://test/health"),
    ("prod-debug-off", 500, "http://test/fail"),
)
async def test_production_answers_like_this(answers: dict[int, Response], code: int, url: str) -> None:
    request = answers[code].request
    assert f"http://{request.headers['Host']}{request.url.path}" == url
    assert not re.search("secret|Traceback", answers[code].text)


@practice("security-headers")
@practice("process-time-header")
async def test_what_may_be_private_is_not_stored(api: FastAPI, client: AsyncClient) -> None:
    for path, method, _ in operations(api):
        headers = (await client.request(method, url_of(path))).headers
        assert headers.get("Cache-Control", "").startswith(("no-store", "private")), path
        assert re.fullmatch(r"app;dur=\d{1,4}\.\d", headers["Server-Timing"]), "in development, as here"


@practice("cors-explicit-origins")
async def test_only_named_origins_may_call(
    api: FastAPI, create_app: CreateApp, make_settings: MakeSettings, run: Run
) -> None:
    pattern = r"https://pr-\d+\.example\.com"
    app = create_app(make_settings(http={"cors_origins": ORIGIN, "cors_origin_pattern": pattern}))
    schemes = api.openapi().get("components", {}).get("securitySchemes", {}).values()
    sent_by_browsers = "cookie" in [scheme.get("in") for scheme in schemes]
    credentials = [scheme.get("name", "Authorization") for scheme in schemes if scheme.get("in") != "cookie"]
    rows = [(ORIGIN, "Accept", 200), (ORIGIN, "X-A", 400), (ORIGIN.replace(".", "-"), "Accept", 400)]
    rows += [(f"https://pr-7.example.com{port}", "Accept", status) for port, status in (("", 200), (":1", 400))]
    async with run(app) as client:
        for origin, header, status in rows + [(ORIGIN, header, 200) for header in credentials]:
            asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": header}
            answer = await client.options("/health", headers=asked | {"Origin": origin})
            assert (answer.status_code, "problem" in answer.headers["Content-Type"]) == (status, status == 400)
            assert ("Access-Control-Allow-Credentials" in answer.headers) is sent_by_browsers
        answer = await client.get("/health", headers={"Origin": ORIGIN})
        assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Link, Location, Retry-After, X-Request-ID"
    for never_right in ("*", "https://*.test", "foreign.example", f"{ORIGIN}/"):
        with pytest.raises(ValidationError):
            make_settings("production", http={"cors_origins": never_right})
    for never_right in ("*", "https://.*", r".*\.example", "https?://[^/]+"):
        with pytest.raises(ValidationError, match="cors_origin_pattern"):
            make_settings("production", http={"cors_origin_pattern": never_right})


@practice("input-bounded")
@practice("strict-content-type")
async def test_bodies_are_small_and_say_what_they_are(api: FastAPI, user: AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536

    many = ",".join(f'"{number}":1' for number in range(MAX_PARTS - 1))
    wrong = [("[" * deep + "]" * deep, status) for deep, status in ((32, 422), (33, 400))]
    wrong += [("{" + many + f',"more":{value}' + "}", status) for value, status in (("1", 422), ("[1]", 400))]
    for path, method, operation in operations(api):
        for media_type in operation.get("requestBody", {}).get("content", {}):
            headers = {"Content-Type": media_type}
            large = await user.request(method, url_of(path), content=chunks(), headers=headers)
            assert (large.status_code, large.json()["code"]) == (413, "content_too_large"), path
            untyped = await user.request(method, url_of(path), content=b"{}")
            assert untyped.status_code in {403, 404, 415}, path
            for sent, status in wrong if (untyped.status_code, media_type[-4:]) == (415, "json") else []:
                answer = await user.request(method, url_of(path), content=sent, headers=headers)
                assert (answer.status_code, len(answer.content) < 50_000) == (status, True), path
        many_names = await user.request(method, url_of(path), params=dict.fromkeys(map(str, range(999))))
        assert len(many_names.content) < 50_000, path


@practice("input-bounded")
@practice("server-fast-path")
async def test_what_never_becomes_a_request_ends(
    app: FastAPI, server_options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(request: Request) -> int:
        await asyncio.sleep(2.1)  # longer than clients have
        return len(await request.body())

    async def answer_to(parts: tuple[bytes, ...]) -> bytes:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.1)
        answer = b""
        with suppress(ConnectionError, TimeoutError):  # it has ended while parts were sent, or does not end
            async with asyncio.timeout(10) as limit:
                answer = await reader.read()
        writer.close()
        status = answer.rpartition(b"HTTP/1.1 ")[2][:3]
        assert (b"problem+json" in answer) is (status[:1] == b"4")
        assert (b"connection: close" in answer.lower()) is bool(status)
        return b"open" if limit.expired() else status

    app.add_api_route("/read", read, methods=["POST"], tags=["test"])
    monkeypatch.setattr("app.core.protocol.ARRIVAL_SECONDS", 2)
    make = lambda: server_options["http"](Config(app, log_config=None), ServerState(), {})  # noqa: E731
    assert issubclass(server_options["http"], HttpToolsProtocol)
    start, long = b"POST /read HTTP/1.1\r\nHost: test\r\n", b"x" * 33_000
    head, half = start + b"Connection: close\r\n", b"A: " + long[:20_000] + b"\r\n\r\n"
    answers = {
        (head, *[b"A"] * 22, b": b\r\n\r\n"): b"",
        (head + b"Content-Length: 9\r\n\r\n", b"12345678"): b"",
        (head + b"Content-Length: 330000\r\n\r\n", 3 * long): b"",
        (head + b"Content-Length: 22\r\n\r\n", *[b"1"] * 22): b"200",
        (head + b"Content-Length: 330000\r\n\r\n", 10 * long): b"200",
        (start + half, head + half): b"200",
        (head + b"no field\r\n\r\n",): b"400",
        (b"GET /" + long,): b"431",
        (head + b"A: " + long + b"\r\n\r\n",): b"431",
        (head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: " + long): b"431",
    }
    async with await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as server:
        await answer_to((head + b"\r\n",))  # the first request takes longer, while the routes are put in order
        assert await asyncio.gather(*map(answer_to, answers)) == list(answers.values())
