"""Credentials of the tests: access tokens of accounts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from app.auth.models import RefreshToken
from app.core.ids import new_id
from tests.account import Proof, SignInRequest, add_account
from tests.conftest import Credentials

SECRET = "only the tests sign with this one"
SIGNATURES = {
    "genuine": (SECRET, "HS256"),
    "another key": ("x" * 32, "HS256"),
    "another algorithm": (SECRET, "HS512"),
    "none": ("", "none"),
}


@pytest.fixture(scope="session")
def auth_settings() -> dict[str, str]:
    """Return the settings without which nobody can sign in."""
    return {"secret_key": SECRET}


@pytest.fixture(scope="session")
def open_operations() -> set[str]:
    """Return the operations for strangers; whoever opens another one says so here."""
    return {"auth-login", "auth-refresh", "auth-logout", "users-register"}


@pytest.fixture(scope="session")
def sign_in_request() -> SignInRequest:
    """Return what makes the request that signs in."""
    url = "/api/v1/auth/token"
    return lambda email, password: {"url": url, "data": {"scope": "", "username": email, "password": password}}


@pytest.fixture(scope="session")
def proof() -> Proof:
    """Return what makes headers of the answer to a sign-in."""
    return lambda answer: {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="session")
def sign_in_model() -> type[RefreshToken]:
    """Return what is stored of a sign-in."""
    return RefreshToken


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    """Return what makes the headers of a caller with this name."""

    async def make(state: dict[str, Any], name: str, rights: str) -> dict[str, str]:
        account = await add_account(state, name, admin=rights == "all")
        now = datetime.now(UTC)
        sign_in = RefreshToken(id=new_id(), user_id=account.id, token_hash=name, used_at=now, device="tests")
        sign_in.expires_at = now + timedelta(hours=1)
        async with state["sessionmaker"].begin() as session:
            session.add(sign_in)
        return {"Authorization": f"Bearer {state['auth'].access_tokens.issue(account.id, sign_in.id)}"}

    return make


@pytest.fixture(scope="session")
def sign() -> Callable[[dict[str, Any], str], str]:
    """Return what signs claims, as the issuer does or as somebody who would like to be it."""
    return lambda claims, signature: jwt.encode(claims, *SIGNATURES[signature])
