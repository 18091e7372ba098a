"""Practices of sign-in, for every route there is."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from threading import get_ident
from typing import Any
from uuid import uuid4

import jwt
import pytest
from fastapi import FastAPI
from fastapi.security.base import SecurityBase
from httpx2 import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import ValidationError

from app.auth.dependencies import get_current_user
from tests.conftest import MakeSettings
from tests.inspection import api_routes, calls, dependencies, imports, operations, url_of

practice = pytest.mark.practice
# Whoever opens another operation to everybody says so here.
OPEN = {"auth-login", "auth-refresh", "auth-logout", "users-register"}
NEW = {"email": "new@example.com", "password": "x" * 15}
FORM = {"username": NEW["email"], "password": NEW["password"]}
Work = list[tuple[str, int]]


@practice("router-level-deps")
@practice("token-validated-in-dependency")
@practice("auth-401-vs-403")
async def test_strangers_are_challenged_where_the_documentation_says_so(api: FastAPI, client: AsyncClient) -> None:
    for path, method, operation in operations(api):
        answer = await client.request(method, url_of(path))
        assert bool(operation.get("security")) is (operation["operationId"] not in OPEN), path
        assert (answer.headers.get("WWW-Authenticate") == "Bearer") is bool(operation.get("security")), path


@practice("router-level-deps")
def test_routers_ask_for_an_account(api: FastAPI) -> None:
    closed = [one for one in api_routes(api) if one.include_in_schema and f"{one.tags[0]}-{one.name}" not in OPEN]
    asked = [(route.path, [one.call for one in route.dependant.dependencies]) for route in closed]
    assert [path for path, called in asked if get_current_user not in called] == []


@practice("dep-chaining")
@practice("dep-factories")
def test_a_role_rests_on_an_account_and_an_account_on_a_token(api: FastAPI) -> None:
    found = [one for route in api_routes(api) for one in dependencies(route.dependant)]
    links = [(one.call, [inner.call for inner in one.dependencies]) for one in found]
    assert {call for call, inner in links if any(isinstance(one, SecurityBase) for one in inner)} == {get_current_user}
    checks = [link for link in links if "require.<locals>" in getattr(link[0], "__qualname__", "")]
    assert checks
    assert all(iscoroutinefunction(call) and get_current_user in inner for call, inner in checks)


@practice("oauth2-scheme-documented")
def test_the_documentation_page_can_sign_in(app: FastAPI) -> None:
    flows = [flow for one in app.openapi()["components"]["securitySchemes"].values() for flow in one["flows"].values()]
    assert flows
    assert {flow[key] for flow in flows for key in flow if key.endswith("Url")} <= app.openapi()["paths"].keys()


@practice("auth-401-vs-403")
@practice("rbac-dependency")
async def test_only_the_role_opens_what_is_restricted(api: FastAPI, user: AsyncClient, admin: AsyncClient) -> None:
    for path, method, operation in operations(api):
        refused = [(await account.request(method, url_of(path))).status_code == 403 for account in (user, admin)]
        assert refused == ["403" in operation["responses"], False], path


@practice("jwt-strict-decode")
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    ("change", "key", "algorithm"),
    [
        *(({claim: None}, "k" * 32, "HS256") for claim in ("exp", "iat", "sub", "aud", "iss")),
        *(({claim: "another"}, "k" * 32, "HS256") for claim in ("sub", "aud", "iss")),
        ({"exp": 1_700_000_000}, "k" * 32, "HS256"),
        ({"sub": str(uuid4())}, "k" * 32, "HS256"),
        ({}, "x" * 32, "HS256"),
        ({}, "k" * 32, "HS512"),
        ({}, "", "none"),
    ],
)
async def test_forged_tokens_are_refused(user: AsyncClient, change: dict[str, Any], key: str, algorithm: str) -> None:
    genuine = jwt.decode(user.headers["Authorization"].split()[1], options={"verify_signature": False}) | change
    forged = jwt.encode({name: value for name, value in genuine.items() if value is not None}, key, algorithm)
    assert (await user.get("/api/v1/users/me", headers={"Authorization": f"Bearer {forged}"})).status_code == 401


@practice("jwt-strict-decode")
def test_the_key_is_long(make_settings: MakeSettings) -> None:
    with pytest.raises(ValidationError):
        make_settings(auth={"secret_key": "k" * 31})


@practice("jwt-maintained-library")
def test_libraries_are_maintained(pyproject: dict[str, Any]) -> None:
    assert {"jose", "passlib"} <= pyproject["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"].keys()
    assert {name for _, name in imports("app/**/*.py") if name.split(".")[0] in {"jose", "jwt", "passlib"}} == {"jwt"}


@practice("password-argon2")
def test_hashes_have_the_recommended_strength() -> None:
    assert len(calls("PasswordHash.recommended")) == 1
    assert calls("PasswordHash", "Argon2Hasher", "BcryptHasher", "hashlib.md5", "hashlib.sha1") == []


@pytest.fixture
def work(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Record what is hashed once the application runs, and in which thread."""
    del client
    recorded: Work = []
    for name, do in (("hash", Argon2Hasher.hash), ("verify", Argon2Hasher.verify)):

        def watched(*args: Any, name: str = name, do: Callable[..., Any] = do, **options: Any) -> Any:
            recorded.append((name, get_ident()))
            return do(*args, **options)

        monkeypatch.setattr(Argon2Hasher, name, watched)
    return recorded


@practice("hash-off-loop")
async def test_hashing_leaves_the_loop_free(client: AsyncClient, work: Work) -> None:
    await client.post("/api/v1/users", json=NEW)
    await client.post("/api/v1/auth/token", data=FORM)
    assert [name for name, _ in work] == ["hash", "verify"]
    assert get_ident() not in {thread for _, thread in work}


@practice("login-constant-work")
async def test_unknown_accounts_cost_as_much(client: AsyncClient, work: Work) -> None:
    await client.post("/api/v1/users", json=NEW)
    work.clear()
    answers = [await client.post("/api/v1/auth/token", data=FORM | {key: "unknown@example.com"}) for key in FORM]
    assert [name for name, _ in work] == ["verify", "verify"]
    assert len({answer.text.replace(answer.headers["X-Request-ID"], "") for answer in answers}) == 1


@practice("password-policy-length")
@pytest.mark.parametrize(("length", "status"), [(14, 422), (15, 201), (128, 201), (129, 422)])
async def test_only_the_length_of_a_password_counts(client: AsyncClient, length: int, status: int) -> None:
    answer = await client.post("/api/v1/users", json=NEW | {"password": "x" * length})
    assert answer.status_code == status
