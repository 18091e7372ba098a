"""What the routes of second factors, and sign-in, ask for."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from pydantic import Secret

from app.auth.dependencies import CurrentCaller, FoundCaller
from app.database.session import SessionDep
from app.second_factor.limit import CodeLimit
from app.second_factor.repository import SecondFactorRepository
from app.second_factor.schemas import CodeConfirmation
from app.second_factor.service import SecondFactorService
from app.users.confirmation import confirm
from app.users.dependencies import UserServiceDep, count_attempt


async def get_second_factor_service(
    request: HTTPConnection, session: SessionDep, users: UserServiceDep
) -> SecondFactorService:
    """Put the service together."""
    limit = CodeLimit(request.state.auth.attempts.limiter)
    return SecondFactorService(SecondFactorRepository(session), users, request.state.second_factor, limit)


SecondFactorDep = Annotated[SecondFactorService, Depends(get_second_factor_service)]


async def confirm_with_code(request: Request, user: FoundCaller, body: CodeConfirmation) -> Secret[str]:
    """Return the code that came with the password, if that is right."""
    await confirm(request, user, body.password)
    return body.code


CodeAfterPassword = Annotated[Secret[str], Depends(confirm_with_code)]


async def limit_codes(request: Request, user: CurrentCaller) -> None:
    """Refuse a client that tries too often."""
    await count_attempt(request, str(user.id))
