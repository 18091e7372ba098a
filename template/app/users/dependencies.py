"""What the routes of accounts and of sign-in ask for."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection

from app.database.session import SessionDep
from app.users.rate_limit import AttemptLimit
from app.users.repository import UserRepository
from app.users.service import UserService


async def get_user_service(request: HTTPConnection, session: SessionDep) -> UserService:
    """Put the service together."""
    return UserService(UserRepository(session), request.state.readers, request.state.auth.passwords)


UserServiceDep = Annotated[UserService, Depends(get_user_service)]


async def count_attempt(request: Request, target: str) -> None:
    """Refuse a client that tries this target too often; the server knows which proxies may say who the client is."""
    limit: AttemptLimit = request.state.auth.attempts
    await limit.check(request.client.host if request.client else "unknown", target)


async def limit_registration(request: Request) -> None:
    """Refuse a client that registers one account after the other."""
    await count_attempt(request, "registration")
