"""Sessions over HTTP."""

from fastapi import APIRouter, Response, status

from app.auth.dependencies import AuthServiceDep, CookieDep, CurrentCaller, LoginBody, SessionId
from app.core.problems import documented
from app.users.models import User
from app.users.schemas import UserRead

# Open to everybody: whoever calls these is not signed in, or does not want to be.
sign_in = APIRouter(prefix="/auth", tags=["auth"])
router = APIRouter(prefix="/auth", tags=["auth"])


@sign_in.post("/session", status_code=status.HTTP_200_OK, response_model=UserRead, responses=documented(401, 429))
async def login(
    response: Response, body: LoginBody, replaced_id: SessionId, cookie: CookieDep, service: AuthServiceDep
) -> User:
    """Begin a session, and end the one that this browser has. The answer sets the cookie, which scripts cannot read."""
    user, session_id = await service.login(body.email, body.password.get_secret_value(), replaced_id=replaced_id)
    cookie.put(response, session_id)
    return user


@sign_in.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
async def logout(response: Response, session_id: SessionId, cookie: CookieDep, service: AuthServiceDep) -> None:
    """End the session of this browser."""
    await service.logout(session_id)
    cookie.remove(response)


@router.delete("/sessions", status_code=status.HTTP_204_NO_CONTENT)
async def logout_everywhere(
    response: Response, user: CurrentCaller, cookie: CookieDep, service: AuthServiceDep
) -> None:
    """End every session of the account, in this browser and all others."""
    await service.logout_everywhere(user)
    cookie.remove(response)
