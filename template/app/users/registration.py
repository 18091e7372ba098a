"""Registration over HTTP: whoever asks for an account has it at once."""

from fastapi import APIRouter, Depends, Request, Response, status

from app.core.problems import documented
from app.users.dependencies import UserServiceDep, count_attempt
from app.users.exceptions import EmailTaken
from app.users.models import User
from app.users.schemas import UserCreate, UserRead
from app.users.service import UserService

router = APIRouter(prefix="/users", tags=["users"])


async def limit_registration(request: Request) -> None:
    """Refuse a client that registers one account after the other."""
    await count_attempt(request, at="registration")


async def add_account(accounts: UserService, email: str, password: str) -> User:
    """Create an account; the unique constraint decides when two requests race."""
    # Before the first query, with which the transaction begins.
    password_hash = await accounts.passwords.hash(password)
    if await accounts.users.by_email(email):
        raise EmailTaken
    return await accounts.users.add(email, password_hash)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=UserRead,
    responses=documented(409, 429),
    dependencies=[Depends(limit_registration)],
)
async def register(request: Request, response: Response, body: UserCreate, service: UserServiceDep) -> User:
    """Create an account with the role `user`."""
    user = await add_account(service, body.email, body.password.get_secret_value())
    response.headers["Location"] = request.url_for("read_me").path
    return user
