"""Accounts and tokens over HTTP."""

from fastapi import APIRouter, Depends, Request, Response, status

from app.auth.dependencies import AuthServiceDep, CurrentUser, LoginForm, limit_registration, require
from app.auth.exceptions import RefreshTokenReused
from app.auth.models import Role, User
from app.auth.problems import challenge
from app.auth.schemas import RefreshRequest, TokenPair, UserCreate, UserPage, UserRead
from app.core.pagination import PageQuery
from app.core.problems import documented, problem_response

tokens = APIRouter(prefix="/auth", tags=["auth"])
registration = APIRouter(prefix="/users", tags=["users"])
users = APIRouter(prefix="/users", tags=["users"])


@tokens.post("/token", status_code=status.HTTP_200_OK, responses=documented(401, 429))
async def login(form: LoginForm, service: AuthServiceDep) -> TokenPair:
    """Exchange an e-mail address and a password for an access token and a refresh token."""
    return await service.login(form.username, form.password.get_secret_value())


@tokens.post("/refresh", status_code=status.HTTP_200_OK, response_model=TokenPair, responses=documented(401))
async def refresh(request: Request, body: RefreshRequest, service: AuthServiceDep) -> TokenPair | Response:
    """Exchange a refresh token, once, for new tokens. A second use revokes every token of that sign-in."""
    try:
        return await service.refresh(body.refresh_token.get_secret_value())
    except RefreshTokenReused as refusal:
        # Returned, not raised: raising would roll back the revocation.
        return problem_response(
            request.url.path, 401, code=refusal.code, detail=refusal.detail, headers=challenge(refusal)
        )


@tokens.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(body: RefreshRequest, service: AuthServiceDep) -> None:
    """Revoke a refresh token and every other token of that sign-in."""
    await service.logout(body.refresh_token.get_secret_value())


@registration.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=UserRead,
    responses=documented(409, 429),
    dependencies=[Depends(limit_registration)],
)
async def register(request: Request, response: Response, body: UserCreate, service: AuthServiceDep) -> User:
    """Create an account with the role `user`."""
    user = await service.register(body.email, body.password.get_secret_value())
    response.headers["Location"] = request.url_for("read_me").path
    return user


@users.get("/me", response_model=UserRead)
async def read_me(user: CurrentUser) -> User:
    """Return the account that is signed in."""
    return user


@users.get("", responses=documented(403), dependencies=[Depends(require(Role.ADMIN))])
async def list_users(page: PageQuery, service: AuthServiceDep) -> UserPage:
    """List all accounts, oldest first; for administrators."""
    found, total = await service.page(page.limit, page.offset)
    return UserPage(
        items=[UserRead.model_validate(user) for user in found], total=total, limit=page.limit, offset=page.offset
    )
