"""What the routes of accounts and of sign-in ask for."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection

from app.auth.events import client_of
from app.database.session import SessionDep
from app.users.repository import UserRepository
from app.users.service import UserService


async def get_user_service(request: HTTPConnection, session: SessionDep) -> UserService:
    """Put the service together."""
    return UserService(UserRepository(session), request.state.readers, request.state.auth.passwords, client_of(request))


UserServiceDep = Annotated[UserService, Depends(get_user_service)]


async def count_attempt(request: Request, account: str = "") -> None:
    """Refuse a client that tries this account too often; without one, that registers too many."""
    await request.state.auth.attempts.check(client_of(request), account)


async def limit_registration(request: Request) -> None:
    """Refuse a client that registers one account after the other."""
    await count_attempt(request)
