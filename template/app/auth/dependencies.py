"""Who is calling, and may they: the dependencies that every protected route has."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import jwt
from fastapi import Depends, Form, Request
from fastapi.security import OAuth2PasswordBearer

from app.auth.exceptions import InvalidToken, MissingRole
from app.auth.models import Role, User
from app.auth.rate_limit import AttemptLimit
from app.auth.repository import RefreshTokenRepository, UserRepository
from app.auth.schemas import Login
from app.auth.service import AuthService
from app.auth.tokens import AccessTokens
from app.database.session import SessionDep

oauth2 = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token", refreshUrl="/api/v1/auth/refresh")


async def get_access_tokens(request: Request) -> AccessTokens:
    """Return the issuer that the application was started with."""
    access_tokens: AccessTokens = request.state.access_tokens
    return access_tokens


AccessTokensDep = Annotated[AccessTokens, Depends(get_access_tokens)]


async def get_users(session: SessionDep) -> UserRepository:
    """Give access to the accounts."""
    return UserRepository(session)


UsersDep = Annotated[UserRepository, Depends(get_users)]


async def get_auth_service(
    request: Request, session: SessionDep, users: UsersDep, access_tokens: AccessTokensDep
) -> AuthService:
    """Put the service together."""
    state = request.state
    tokens = RefreshTokenRepository(session)
    return AuthService(users, tokens, state.passwords, access_tokens, state.refresh_lifetime)


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def limit_login(request: Request, form: Annotated[Login, Form()]) -> Login:
    """Return the form unless this client tried this account too often."""
    limit: AttemptLimit = request.state.attempt_limit
    await limit.check(client_address(request), form.username)
    return form


LoginForm = Annotated[Login, Depends(limit_login)]


async def limit_registration(request: Request) -> None:
    """Refuse a client that registers one account after the other."""
    limit: AttemptLimit = request.state.attempt_limit
    await limit.check(client_address(request), "registration")


def client_address(request: Request) -> str:
    """Return where the request came from; the server knows which proxies may say so."""
    return request.client.host if request.client else "unknown"


async def get_current_user(
    token: Annotated[str, Depends(oauth2)], access_tokens: AccessTokensDep, users: UsersDep
) -> User:
    """Return the account behind the access token, if it is still active."""
    try:
        user_id = access_tokens.read(token)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidToken from error
    user = await users.get(user_id)
    if not user or not user.is_active:
        raise InvalidToken
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def require(*roles: Role) -> Callable[[User], Awaitable[User]]:
    """Make a dependency that lets only accounts with one of these roles pass."""

    async def check_role(user: CurrentUser) -> User:
        if user.role not in roles:
            raise MissingRole
        return user

    return check_role
