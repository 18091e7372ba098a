"""Practices of what every answer carries, and of what is refused before anybody looks at it."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import ValidationError

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
    ("process-time-header", "Server-Timing", r"app;dur=[0-9.]+"),
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
async def test_what_may_be_private_is_not_stored(api: FastAPI, client: AsyncClient) -> None:
    for path, method, _ in operations(api):
        assert (await client.request(method, url_of(path))).headers.get("Cache-Control") == "no-store", path


@practice("cors-explicit-origins")
async def test_only_named_origins_may_call(
    api: FastAPI, create_app: CreateApp, make_settings: MakeSettings, run: Run
) -> None:
    app = create_app(make_settings(http={"cors_origins": ORIGIN}))
    schemes = api.openapi().get("components", {}).get("securitySchemes", {}).values()
    sent_by_browsers = "cookie" in [scheme.get("in") for scheme in schemes]
    credentials = [scheme.get("name", "Authorization") for scheme in schemes if scheme.get("in") != "cookie"]
    rows = [(ORIGIN, "Accept", 200), (ORIGIN, "X-A", 400), ("https://a.se", "Accept", 400)]
    async with run(app) as client:
        for origin, header, status in rows + [(ORIGIN, header, 200) for header in credentials]:
            asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": header}
            answer = await client.options("/health", headers=asked | {"Origin": origin})
            assert (answer.status_code, "problem" in answer.headers["Content-Type"]) == (status, status == 400)
            assert ("Access-Control-Allow-Credentials" in answer.headers) is sent_by_browsers
        answer = await client.get("/health", headers={"Origin": ORIGIN})
        assert answer.headers["Access-Control-Expose-Headers"] == "Location, Retry-After, X-Request-ID"
    for never_right in ("*", "https://*.test", "foreign.example", f"{ORIGIN}/"):
        with pytest.raises(ValidationError):
            make_settings("production", http={"cors_origins": never_right})


@practice("input-bounded")
@practice("strict-content-type")
async def test_bodies_are_small_and_say_what_they_are(api: FastAPI, user: AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536

    many = ",".join(f'"{number}":1' for number in range(MAX_PARTS))
    wrong = [("[" * 33 + "]" * 33, 400), ("{" + many + ',"more":1}', 400), ("{" + many + "}", 422)]
    for path, method, operation in operations(api):
        for media_type in operation.get("requestBody", {}).get("content", {}):
            headers = {"Content-Type": media_type}
            large = await user.request(method, url_of(path), content=chunks(), headers=headers)
            assert large.status_code == 413, path
            untyped = await user.request(method, url_of(path), content=b"{}")
            assert untyped.status_code in {404, 415}, path
            for sent, status in wrong if (untyped.status_code, media_type[-4:]) == (415, "json") else []:
                answer = await user.request(method, url_of(path), content=sent, headers=headers)
                assert (answer.status_code, len(answer.content) < 50_000) == (status, True), path
        many_names = await user.request(method, url_of(path), params=dict.fromkeys(map(str, range(999))))
        assert len(many_names.content) < 50_000, path
