"""Who is calling, and may they: what every protected route depends on."""

from typing import Annotated

import jwt
from fastapi import Depends, Form, Request
from fastapi.requests import HTTPConnection
from fastapi.security import OAuth2PasswordBearer

from app.auth.exceptions import Unauthenticated
from app.auth.repository import RefreshTokenRepository
from app.auth.schemas import Login
from app.auth.service import AuthService
from app.auth.state import AuthState
from app.database.session import SessionDep
from app.users.dependencies import UserServiceDep, count_attempt
from app.users.models import User

CHALLENGE = "Bearer"
oauth2 = OAuth2PasswordBearer(
    tokenUrl="api/v1/auth/token",
    refreshUrl="api/v1/auth/refresh",
    description="Access tokens are JWTs, used as RFC8725 advises.",
    auto_error=False,
)


async def get_auth_service(request: Request, session: SessionDep, users: UserServiceDep) -> AuthService:
    """Put the service together."""
    state: AuthState = request.state.auth
    return AuthService(users, RefreshTokenRepository(session), state.access_tokens, state.refresh_lifetime)


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def limit_login(request: Request, form: Annotated[Login, Form()]) -> Login:
    """Return the form unless this client tried this account too often."""
    await count_attempt(request, form.username)
    return form


LoginForm = Annotated[Login, Depends(limit_login)]


async def get_caller(
    request: HTTPConnection, token: Annotated[str | None, Depends(oauth2)], users: UserServiceDep
) -> User:
    """Return the account behind the access token, if it is still active."""
    state: AuthState = request.state.auth
    try:
        user_id = state.access_tokens.read(token or "")
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Unauthenticated from error
    user = await users.active(user_id)
    if not user:
        raise Unauthenticated
    return user


CurrentCaller = Annotated[User, Depends(get_caller)]
