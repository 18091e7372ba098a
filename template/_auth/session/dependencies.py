"""Who is calling: what every protected route depends on."""

import logging
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request, Response
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyCookie

from app.auth.cookies import SECURE_NAME, SessionCookie
from app.auth.exceptions import Unauthenticated
from app.auth.repository import UserSessionRepository
from app.auth.schemas import Login
from app.auth.service import AuthService, is_to_be_noted, note_use
from app.auth.state import AuthState
from app.database.session import SessionDep
from app.users.dependencies import UserServiceDep, count_attempt, device_of
from app.users.models import User

# RFC 9110 asks for a challenge in every 401, but no scheme for cookies is registered; browsers ignore what they do
# not know, and show no dialogue.
CHALLENGES = {Unauthenticated: "Cookie"}
logger = logging.getLogger(__name__)
scheme = APIKeyCookie(
    name=SECURE_NAME,
    scheme_name="Session",
    description="`POST /api/v1/auth/session` sets it, and the browser sends it; in development it has no prefix.",
    auto_error=False,
)


async def get_auth_service(request: HTTPConnection, session: SessionDep, users: UserServiceDep) -> AuthService:
    """Put the service together."""
    state: AuthState = request.state.auth
    return AuthService(users, UserSessionRepository(session), state.idle, state.lifetime, device_of(request))


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def get_cookie(request: HTTPConnection) -> SessionCookie:
    """Return how the cookie is called and sent here."""
    state: AuthState = request.state.auth
    return state.cookie


CookieDep = Annotated[SessionCookie, Depends(get_cookie)]


async def get_session_id(request: HTTPConnection, cookie: CookieDep) -> str:
    """Return the id that the browser has, or nothing."""
    return request.cookies.get(cookie.name, "")


SessionId = Annotated[str, Depends(get_session_id)]


async def limit_login(request: Request, body: Login) -> Login:
    """Return the body unless this client tried this account too often."""
    if request.state.auth.cookie.secure and request.url.scheme == "http":
        logger.warning("A sign-in over HTTP: browsers drop its cookie. Use TLS; a proxy says so by X-Forwarded-Proto")
    await count_attempt(request, body.email)
    return body


LoginBody = Annotated[Login, Depends(limit_login)]


async def get_caller(
    request: HTTPConnection,
    tasks: BackgroundTasks,
    service: AuthServiceDep,
    session_id: SessionId,
    _documented: Annotated[str | None, Depends(scheme)],
) -> User:
    """Return the account behind the session, if both are still good."""
    session = await service.resume(session_id)
    request.scope["sign_in_id"] = session.id
    if is_to_be_noted(session):
        # After the response: before, it would need a second connection while this request holds one.
        tasks.add_task(note_use, request.state.sessionmaker, session.id)
    return session.user


CurrentCaller = Annotated[User, Depends(get_caller)]


async def renew_cookie(
    request: HTTPConnection, response: Response, _caller: CurrentCaller, service: AuthServiceDep, cookie: CookieDep
) -> None:
    """Give the session another id, and the browser alone: for what changes who may do what."""
    cookie.put(response, await service.replace_id(request.scope["sign_in_id"]))


NewCookie = Annotated[None, Depends(renew_cookie)]


async def find_caller(session_id: SessionId, service: AuthServiceDep) -> User:
    """Return the account as `get_caller` does, but leave the transaction of the request alone."""
    async with service.apart() as other:
        return (await other.resume(session_id)).user


FoundCaller = Annotated[User, Depends(find_caller)]
