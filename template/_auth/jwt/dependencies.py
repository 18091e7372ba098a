"""Who is calling, and may they: what every protected route depends on."""

from typing import Annotated

import jwt
from fastapi import Depends, Form, Request
from fastapi.requests import HTTPConnection
from fastapi.security import OAuth2PasswordBearer

from app.auth.bearer import BEARER, InvalidToken
from app.auth.exceptions import Unauthenticated
from app.auth.repository import RefreshTokenRepository
from app.auth.schemas import TokenRequest
from app.auth.service import AuthService
from app.auth.state import AuthState
from app.database.session import SessionDep
from app.users.dependencies import UserServiceDep, count_attempt, device_of
from app.users.models import User

CHALLENGES = BEARER
oauth2 = OAuth2PasswordBearer(
    tokenUrl="api/v1/auth/token",
    refreshUrl="api/v1/auth/token",
    description="Access tokens are JWTs, used as RFC8725 advises.",
    auto_error=False,
)


async def get_auth_service(request: HTTPConnection, session: SessionDep, users: UserServiceDep) -> AuthService:
    """Put the service together."""
    return AuthService(users, RefreshTokenRepository(session), request.state.auth, device_of(request))


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def limit_login(request: Request, form: Annotated[TokenRequest, Form()]) -> TokenRequest:
    """Return the form unless this client tried this account too often."""
    if form.grant_type == "password":
        await count_attempt(request, form.username)
    return form


LoginForm = Annotated[TokenRequest, Depends(limit_login)]


async def get_caller(
    request: HTTPConnection, token: Annotated[str | None, Depends(oauth2)], service: AuthServiceDep
) -> User:
    """Return the account behind the access token, if it is still active, and its sign-in has not ended."""
    if token is None:
        raise Unauthenticated
    state: AuthState = request.state.auth
    try:
        user_id, sign_in_id = state.access_tokens.read(token)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidToken from error
    user = await service.resume(user_id, sign_in_id)
    if not user:
        raise InvalidToken
    request.scope["sign_in_id"] = sign_in_id
    return user


CurrentCaller = Annotated[User, Depends(get_caller)]


async def find_caller(request: Request, service: AuthServiceDep) -> User:
    """Return the account as `get_caller` does, but leave the transaction of the request alone."""
    async with service.apart() as other:
        return await get_caller(request, await oauth2(request), other)


FoundCaller = Annotated[User, Depends(find_caller)]
