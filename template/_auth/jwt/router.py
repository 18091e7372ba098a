"""Tokens over HTTP."""

from fastapi import APIRouter, Request, Response, status

from app.auth.dependencies import AuthServiceDep, LoginForm
from app.auth.exceptions import Unauthenticated
from app.auth.problems import CHALLENGE_HEADERS
from app.auth.schemas import RefreshRequest, TokenPair
from app.core.problems import documented, problem_response

# Open to everybody: whoever calls these has no access token, or one that is about to expire.
sign_in = APIRouter(prefix="/auth", tags=["auth"])


@sign_in.post("/token", status_code=status.HTTP_200_OK, responses=documented(401, 429))
async def login(form: LoginForm, service: AuthServiceDep) -> TokenPair:
    """Exchange an e-mail address and a password for an access token and a refresh token."""
    return await service.login(form.username, form.password.get_secret_value())


@sign_in.post("/refresh", status_code=status.HTTP_200_OK, response_model=TokenPair, responses=documented(401))
async def refresh(request: Request, body: RefreshRequest, service: AuthServiceDep) -> TokenPair | Response:
    """Exchange a refresh token, once, for new tokens. A second use ends the sign-in."""
    tokens = await service.refresh(body.refresh_token.get_secret_value())
    # Returned, not raised: raising would roll back that the sign-in has ended.
    code, detail = Unauthenticated.code, Unauthenticated.detail
    return tokens or problem_response(request.url.path, 401, code=code, detail=detail, headers=CHALLENGE_HEADERS)


@sign_in.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(body: RefreshRequest, service: AuthServiceDep) -> None:
    """End the sign-in of a refresh token."""
    await service.logout(body.refresh_token.get_secret_value())
