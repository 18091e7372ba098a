"""Credentials of the tests: sessions of accounts, as the cookie that a browser would send."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.auth.repository import UserSessionRepository
from app.auth.service import hash_id
from tests.account import SignInRequest, add_account
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
def credentials() -> Credentials:
    """Return what makes the headers of a caller with this name; a page of another site may do the least."""

    async def make(state: dict[str, Any], name: str, rights: str) -> dict[str, str]:
        account = await add_account(state, name, admin=rights == "all")
        now = datetime.now(UTC)
        async with state["sessionmaker"].begin() as session:
            sessions = UserSessionRepository(session)
            await sessions.add(account.id, hash_id(name), used_at=now, expires_at=now + timedelta(hours=1))
        sender = {"Sec-Fetch-Site": "cross-site"} if rights == "least" else {}
        return {"Cookie": f"{state['auth'].cookie.name}={name}"} | sender

    return make
