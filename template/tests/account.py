"""Accounts for tests, most of them made without the cost of a sign-in."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from httpx2 import AsyncClient, Response
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.users.models import Role, User
from app.users.repository import UserRepository
from tests.conftest import Client

Sessions = async_sessionmaker[AsyncSession]
SignIn = Callable[..., Awaitable[Response]]
SignInRequest = Callable[..., dict[str, Any]]
Proof = Callable[[Response], dict[str, str]]
Enter = Callable[..., Awaitable[AsyncClient]]
# The space at its end is part of the password.
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery "}


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Make hashing fast: what slows an attacker down would slow the tests down too."""
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with patch.object(PasswordHash, "recommended", lambda: hasher):
        yield


@pytest.fixture
async def sessions(client: Client) -> Sessions:
    """Give access to what is stored."""
    factory: Sessions = client.state["sessionmaker"]
    return factory


@pytest.fixture
async def ada(client: Client) -> AsyncClient:
    """Return a client whose account is there, but which has not signed in."""
    await add_ada(client)
    return client


@pytest.fixture(scope="session")
def sign_in(sign_in_request: SignInRequest) -> SignIn:
    """Return what signs in with this account, or with a part of it changed."""
    return lambda client, **changes: client.post(**sign_in_request(**(ACCOUNT | changes)))


@pytest.fixture(scope="session")
def enter(sign_in: SignIn, proof: Proof) -> Enter:
    """Return what makes another client of the application, in which the account has signed in."""

    async def make(client: AsyncClient, device: bytes = b"tests") -> AsyncClient:
        other = AsyncClient(transport=client._transport, base_url=client.base_url, headers={b"User-Agent": device})
        other.headers.update(proof(await sign_in(other)))
        return other

    return make


async def add_ada(client: Client) -> None:
    """Store the account of the tests, however people register."""
    password_hash = client.state["auth"].passwords.hasher.hash(ACCOUNT["password"])
    async with client.state["sessionmaker"].begin() as session:
        await UserRepository(session).add(ACCOUNT["email"], password_hash)


async def add_account(state: dict[str, Any], name: str, *, admin: bool) -> User:
    """Store an account that is called `name@example.com`."""
    async with state["sessionmaker"].begin() as session:
        user = await UserRepository(session).add(f"{name}@example.com", "of-a-password-that-nobody-knows")
        user.role = Role.ADMIN if admin else Role.USER
    return user
