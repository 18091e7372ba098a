"""Credentials of the tests: sessions of accounts, as the cookie that a browser would send."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.auth.models import UserSession
from app.auth.service import hash_id
from tests.account import Proof, SignInRequest, add_account
from tests.conftest import Credentials


@pytest.fixture(scope="session")
def auth_settings() -> dict[str, str]:
    """Return the settings without which nobody can sign in."""
    return {}


@pytest.fixture(scope="session")
def open_operations() -> set[str]:
    """Return the operations for strangers; whoever opens another one says so here."""
    return {"auth-login", "auth-logout", "users-register"}


@pytest.fixture(scope="session")
def sign_in_request() -> SignInRequest:
    """Return what makes the request that signs in."""
    return lambda email, password: {"url": "/api/v1/auth/session", "json": {"email": email, "password": password}}


@pytest.fixture(scope="session")
def proof() -> Proof:
    """Return what makes headers of the answer to a sign-in: clients keep its cookie by themselves."""
    return lambda _answer: {}


@pytest.fixture(scope="session")
def sign_in_model() -> type[UserSession]:
    """Return what is stored of a sign-in."""
    return UserSession


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    """Return what makes the headers of a caller with this name; a page of another site may do the least."""

    async def make(state: dict[str, Any], name: str, rights: str) -> dict[str, str]:
        account = await add_account(state, name, admin=rights == "all")
        now = datetime.now(UTC)
        new = UserSession(user_id=account.id, id_hash=hash_id(name), used_at=now, device="tests")
        new.expires_at = now + timedelta(hours=1)
        async with state["sessionmaker"].begin() as session:
            session.add(new)
        sender = {"Sec-Fetch-Site": "cross-site"} if rights == "least" else {}
        return {"Cookie": f"{state['auth'].cookie.name}={name}"} | sender

    return make
