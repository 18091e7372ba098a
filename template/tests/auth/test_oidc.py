"""The tokens of an issuer, and what becomes of requests while it is down, slow, or not itself."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from threading import Event
from typing import Any

import jwt
import pytest
from fastapi import Depends, FastAPI
from httpx2 import AsyncClient
from pydantic import ValidationError

from app import DISTRIBUTION
from app.auth.dependencies import CurrentCaller, require_user
from app.auth.issuer import MAX_DOCUMENT_SIZE, keys_url
from tests.conftest import CLOSED, Client, CreateApp, MakeSettings, Run
from tests.issuer import CONFIGURATION, KEYS, Issuer, new_key
from tests.oidc import AUDIENCE

practice = pytest.mark.practice
Page = Callable[[], object]
Pages = dict[str, Page]
Wait = Callable[[float], None]
Configured = Callable[..., AbstractAsyncContextManager[Client]]
FETCHED = [CONFIGURATION, KEYS]


@pytest.fixture(autouse=True)
def pages(issuer: Issuer) -> Iterator[Pages]:
    """Return what the issuer serves, for a test to change, and forget who asked for it."""
    usual = dict(issuer.pages)
    issuer.asked.clear()
    yield issuer.pages
    issuer.pages.update(usual)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Return what lets seconds pass for the application."""
    return lambda seconds: monkeypatch.setattr("app.auth.issuer.monotonic", lambda: time.monotonic() + seconds)


@pytest.fixture
def configured(create_app: CreateApp, make_settings: MakeSettings, run: Run) -> Configured:
    """Return what runs an application with these settings."""
    return lambda **values: run(create_app(make_settings(auth=values)))


def bearer(issuer: Issuer, **claims: Any) -> dict[str, str]:
    token = issuer.token(**{"sub": "ada", "aud": AUDIENCE, "scope": DISTRIBUTION, **claims})
    return {"Authorization": f"Bearer {token}"}


def fail() -> object:
    raise ConnectionError


def late(seconds: float, page: Page) -> Page:
    def answer() -> object:
        time.sleep(seconds)
        return page()

    return answer


@practice("oidc-keys-rotated")
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS384"])
async def test_a_new_key_is_found_and_the_old_one_forgotten(
    client: AsyncClient, issuer: Issuer, wait: Wait, algorithm: str
) -> None:
    old = bearer(issuer)
    assert (await client.get(CLOSED, headers=old)).status_code == 200
    issuer.rotate(algorithm)
    wait(60)
    for headers, status in ((bearer(issuer), 200), (old, 401)):
        assert (await client.get(CLOSED, headers=headers)).status_code == status
    assert issuer.asked == FETCHED * 2


@practice("oidc-keys-rotated")
async def test_the_issuer_is_asked_once_whoever_comes_and_whatever_they_invent(
    client: AsyncClient, issuer: Issuer, pages: Pages, wait: Wait
) -> None:
    pages[KEYS] = late(0.1, pages[KEYS])
    genuine = bearer(issuer)
    forged = [{"Authorization": f"Bearer {issuer.sign({}, kid=f'key-{number}')}"} for number in range(10)]
    for seconds, times in ((0, 1), (5, 1), (11, 2)):
        wait(seconds)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(client.get(CLOSED, headers=headers)) for headers in [*forged, genuine]]
        assert [task.result().status_code for task in tasks] == [401] * 10 + [200]
        assert issuer.asked == FETCHED * times


@practice("oidc-keys-rotated")
async def test_old_keys_serve_while_the_issuer_does_not(
    client: Client, issuer: Issuer, pages: Pages, wait: Wait
) -> None:
    headers = bearer(issuer)
    assert (await client.get(CLOSED, headers=headers)).status_code == 200
    usual, patience = dict(pages), Event()
    pages[CONFIGURATION] = lambda: patience.wait(4) and fail()
    wait(7200)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(client.get(CLOSED, headers=headers))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(3):  # nobody else waits for the issuer
            assert (await client.get(CLOSED, headers=headers)).status_code == 200
        assert not first.done()
        patience.set()
    assert first.result().status_code == 200
    pages.update(usual)
    issuer.rotate()
    wait(7300)
    assert (await client.get(CLOSED, headers=headers)).status_code == 401


FAULTS: dict[str, Pages] = {
    "down": {CONFIGURATION: fail},
    "half down": {KEYS: fail},
    "another issuer": {CONFIGURATION: lambda: {"issuer": "https://evil.example", "jwks_uri": "http://127.0.0.1"}},
    "no address": {CONFIGURATION: dict},
    "no JSON": {CONFIGURATION: lambda: b"<html>"},
    "no object": {KEYS: lambda: b"[1]"},
    "odd keys": {KEYS: lambda: {"keys": [None, {"kid": []}]}},
    "no keys": {KEYS: lambda: {"keys": []}},
    "symmetric": {KEYS: lambda: {"keys": [{"kty": "oct", "kid": "first", "k": "a" * 43, "alg": "HS256"}]}},
}


@practice("oidc-issuer-pinned")
@practice("oidc-issuer-down")
@pytest.mark.parametrize("fault", FAULTS)
async def test_without_keys_callers_are_told_to_come_back(
    client: Client, issuer: Issuer, pages: Pages, wait: Wait, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert issuer.asked == [], "starting does not need the issuer"
    usual = dict(pages)
    pages.update(FAULTS[fault])
    for _ in range(2):
        answer = await client.get(CLOSED, headers=bearer(issuer))
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unavailable")
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
        assert "WWW-Authenticate" not in answer.headers
    assert issuer.asked.count(CONFIGURATION) == 1
    assert ("could not be fetched" in caplog.text) is (fault != "symmetric")
    assert (await client.get(CLOSED)).status_code == 401
    pages.update(usual)
    wait(10)
    assert (await client.get(CLOSED, headers=bearer(issuer))).status_code == 200


@practice("oidc-issuer-down")
async def test_an_answer_without_end_is_cut_off(client: Client, issuer: Issuer, pages: Pages) -> None:
    keys = pages[KEYS]()
    pages[KEYS] = lambda: json.dumps(keys).encode() + b" " * MAX_DOCUMENT_SIZE
    assert (await client.get(CLOSED, headers=bearer(issuer))).status_code == 503


@practice("http-timeouts")
async def test_there_is_a_deadline_over_all_calls_together(
    configured: Configured, issuer: Issuer, pages: Pages
) -> None:
    pages.update({path: late(0.3, page) for path, page in pages.items()})
    async with configured(timeout="0.5") as client:
        assert (await client.get(CLOSED, headers=bearer(issuer))).status_code == 503


@practice("http-timeouts")
@practice("oidc-issuer-down")
@pytest.mark.parametrize("silent", [CONFIGURATION, KEYS])
async def test_a_silent_issuer_holds_nobody_for_long(
    configured: Configured, issuer: Issuer, pages: Pages, silent: str
) -> None:
    patience = Event()
    pages[silent] = lambda: patience.wait(3) and fail()
    async with configured(timeout="0.1") as client:
        started = time.monotonic()
        assert (await client.get(CLOSED, headers=bearer(issuer))).status_code == 503
        assert time.monotonic() - started < 2
    patience.set()


@practice("oidc-issuer-pinned")
@pytest.mark.parametrize("issuer_url", ["http://issuer.example", "ftp://issuer.example", "http://127.0.0.1:1@a.se", ""])
def test_the_issuer_is_reached_safely(make_settings: MakeSettings, issuer_url: str) -> None:
    for wrong in ({"issuer": issuer_url}, {"audience": ""}, {"timeout": "31"}):
        with pytest.raises(ValidationError):
            make_settings(auth=wrong)


@practice("oidc-issuer-pinned")
@pytest.mark.parametrize("change", [{"issuer": "https://a.se/"}, {"jwks_uri": "http://a.se/keys"}])
def test_only_the_issuer_itself_says_where_its_keys_are(change: dict[str, str]) -> None:
    configuration = {"issuer": "https://a.se", "jwks_uri": "https://keys.a.se/1"}
    assert keys_url("https://a.se", configuration) == configuration["jwks_uri"]
    with pytest.raises(ValueError, match="not that of this issuer"):
        keys_url("https://a.se", configuration | change)


@practice("oidc-access-tokens-only")
@pytest.mark.parametrize(
    ("claims", "header", "status"),
    [
        *(({}, {"typ": typ}, 200) for typ in ("at+jwt", "application/at+jwt", "JWT")),
        *(({}, {"typ": typ}, 401) for typ in ("logout+jwt", "dpop+jwt", None)),
        *(({name: "x"}, {"typ": "JWT"}, 401) for name in ("nonce", "at_hash", "c_hash", "s_hash", "events")),
        ({"typ": "Bearer"}, {"typ": "JWT"}, 200),
        *(({"typ": typ}, {"typ": "JWT"}, 401) for typ in ("ID", "Refresh", "Offline", "Logout")),
        ({"cnf": {"jkt": "x"}}, {}, 401),
        *(({"sub": subject}, {}, 401) for subject in ("", "x" * 256, "Ada Lovelace", "ad\u00e4", "a\x00", 7)),
        ({"aud": ["another", AUDIENCE]}, {}, 200),
        ({"aud": ["another"]}, {}, 401),
        *(({}, {"kid": kid}, 401) for kid in ("", "../../keys", "second")),
        ({}, {"crit": ["unheard-of"], "unheard-of": 1}, 401),
        ({"large": "x" * 20_000}, {}, 401),
    ],
)
async def test_only_access_tokens_open_the_door(
    client: AsyncClient, issuer: Issuer, claims: dict[str, Any], header: dict[str, Any], status: int
) -> None:
    now = int(time.time())
    whole = {"iss": issuer.url, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300, "scope": DISTRIBUTION}
    headers = {"Authorization": f"Bearer {issuer.sign(whole | claims, **header)}"}
    assert (await client.get(CLOSED, headers=headers)).status_code == status


@practice("jwt-strict-decode")
@pytest.mark.parametrize("parameter", ["jku", "x5u", "jwk"])
async def test_the_sender_does_not_choose_the_key(client: AsyncClient, issuer: Issuer, parameter: str) -> None:
    forged = new_key("forged")
    claims = jwt.decode(bearer(issuer)["Authorization"].split()[1], options={"verify_signature": False})
    for name in (forged.id, issuer.keys[0].id):
        header = {"kid": name, parameter: forged.public if parameter == "jwk" else f"{issuer.url}/forged"}
        headers = {"Authorization": f"Bearer {jwt.encode(claims, forged.private, forged.algorithm, header)}"}
        assert (await client.get(CLOSED, headers=headers)).status_code == 401
    assert "/forged" not in issuer.asked


@practice("auth-401-vs-403")
@pytest.mark.parametrize(
    ("scheme", "token"),
    [
        ("Bearer", ""),
        ("Bearer", "a.b.c"),
        ("Bearer", "[" * 9000),
        ("Bearer", "e30.e30.e30"),  # an empty header
        ("Bearer", "eyJhbGciOltdfQ.e30.e30"),  # a list as the algorithm
        ("Basic", "YTpi"),
    ],
)
async def test_nonsense_is_refused_without_the_issuer(
    client: AsyncClient, issuer: Issuer, scheme: str, token: str
) -> None:
    assert (await client.get(CLOSED, headers={"Authorization": f"{scheme} {token}"})).status_code == 401
    assert issuer.asked == []


async def test_the_log_says_why_without_the_token(
    client: AsyncClient, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    headers = bearer(issuer, aud="another")
    caplog.set_level("INFO")
    assert (await client.get(CLOSED, headers=headers)).status_code == 401
    assert "token refused (InvalidAudienceError): unknown, by 127.0.0.1" in caplog.text
    assert (await client.get(CLOSED, headers=bearer(issuer, exp=1))).status_code == 401
    assert len([one for one in caplog.records if one.name == "app.security"]) == 1
    assert headers["Authorization"].split()[1] not in caplog.text


@practice("rbac-dependency")
@pytest.mark.parametrize(
    ("roles_claim", "claims", "outcome"),
    [
        ("roles", {}, (403, False)),
        ("roles", {"scope": "openid use"}, (200, False)),
        ("roles", {"scope": "use rule"}, (200, True)),
        ("roles", {"scope": "rule"}, (403, False)),
        ("roles", {"scope": "user"}, (403, False)),
        ("roles", {"scp": "use rule"}, (200, True)),
        ("roles", {"scp": ["use"], "roles": ["rule", 7]}, (200, True)),
        ("roles", {"scope": 7, "roles": {"use": True}}, (403, False)),
        ("realm_access.roles", {"realm_access": {"roles": ["use"]}, "roles": ["rule"]}, (200, False)),
        ("realm_access.roles", {"realm_access": "use"}, (403, False)),
        ("https://api.example/roles", {"https://api.example/roles": ["use"]}, (200, False)),
    ],
)
async def test_scopes_and_roles_decide(
    create_app: CreateApp,
    make_settings: MakeSettings,
    run: Run,
    issuer: Issuer,
    roles_claim: str,
    claims: dict[str, Any],
    outcome: tuple[int, bool],
) -> None:
    app = create_app(make_settings(auth={"user_scope": "use", "admin_scope": "rule", "roles_claim": roles_claim}))

    @app.get("/reach", dependencies=[Depends(require_user)])
    async def reach(caller: CurrentCaller) -> bool:
        return caller.is_admin

    async with run(app) as client:
        answer = await client.get("/reach", headers=bearer(issuer, **{"scope": "", **claims}))
    assert (answer.status_code, answer.json() is True) == outcome


@practice("oauth2-scheme-documented")
async def test_the_documentation_leads_to_the_issuer(api: FastAPI, client: AsyncClient, issuer: Issuer) -> None:
    (scheme,) = api.openapi()["components"]["securitySchemes"].values()
    assert scheme == {"type": "openIdConnect", "openIdConnectUrl": issuer.url + CONFIGURATION}
    assert '"usePkceWithAuthorizationCodeGrant": true' in (await client.get("/docs")).text
