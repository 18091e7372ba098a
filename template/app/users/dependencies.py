"""What the routes of accounts and of sign-in ask for."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection

from app.auth.events import client_of
from app.core.schemas import HIDDEN
from app.database.session import SessionDep
from app.users.models import User
from app.users.repository import UserRepository
from app.users.service import UserService


async def get_user_service(request: HTTPConnection, session: SessionDep) -> UserService:
    """Put the service together."""
    return UserService(UserRepository(session), request.state.readers, request.state.auth.passwords, client_of(request))


UserServiceDep = Annotated[UserService, Depends(get_user_service)]


async def get_user(user_id: UUID, service: UserServiceDep) -> User:
    """Return the account that the path names, or answer 404."""
    return await service.get(user_id)


UserDep = Annotated[User, Depends(get_user)]


def device_of(connection: HTTPConnection) -> str:
    """Return what the client calls itself, for its owner to recognise."""
    agent = connection.headers.get("User-Agent", "").encode("latin-1").decode(errors="replace")
    return re.sub(f"[{HIDDEN}]", "", agent)[:200]


async def count_attempt(request: Request, account: str = "", *, at: str = "") -> None:
    """Refuse a client that tries this account too often; without one, that tries too often at this."""
    await request.state.auth.attempts.check(client_of(request), account, at=at)
