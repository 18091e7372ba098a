"""Registration over HTTP: whoever asks for an account has it at once."""

from fastapi import APIRouter, Depends, Request, Response, status

from app.core.problems import documented
from app.users.dependencies import UserServiceDep, limit_registration
from app.users.models import User
from app.users.schemas import UserCreate, UserRead

router = APIRouter(prefix="/users", tags=["users"])


@router.post(
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
