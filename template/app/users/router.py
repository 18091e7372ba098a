"""Accounts over HTTP."""

from fastapi import APIRouter, Depends, Request, Response, status

from app.auth.dependencies import CurrentCaller
from app.core.pagination import PageQuery
from app.core.problems import documented
from app.users.authorization import require
from app.users.dependencies import UserServiceDep, limit_registration
from app.users.models import Role, User
from app.users.schemas import UserCreate, UserPage, UserRead

registration = APIRouter(prefix="/users", tags=["users"])
router = APIRouter(prefix="/users", tags=["users"])


@registration.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=UserRead,
    responses=documented(409, 429),
    dependencies=[Depends(limit_registration)],
)
async def register(request: Request, response: Response, body: UserCreate, service: UserServiceDep) -> User:
    """Create an account with the role `user`."""
    user = await service.register(body.email, body.password.get_secret_value())
    response.headers["Location"] = request.url_for("read_me").path
    return user


@router.get("/me", response_model=UserRead)
async def read_me(user: CurrentCaller) -> User:
    """Return the account that is signed in."""
    return user


@router.get("", responses=documented(403), dependencies=[Depends(require(Role.ADMIN))])
async def list_users(page: PageQuery, service: UserServiceDep) -> UserPage:
    """List all accounts, oldest first; for administrators."""
    found, total = await service.page(page.limit, page.offset)
    return UserPage(
        items=[UserRead.model_validate(user) for user in found], total=total, limit=page.limit, offset=page.offset
    )
