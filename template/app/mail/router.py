"""Accounts by mail, over HTTP."""

from fastapi import APIRouter, Depends, Request, status

from app.auth.dependencies import CurrentCaller
from app.core.problems import documented
from app.mail.dependencies import MailServiceDep, confirm_move
from app.mail.schemas import Accepted, Confirmed, EmailChange, Forgotten, PasswordReset
from app.users.dependencies import count_attempt
from app.users.schemas import UserCreate

# Open to everybody: whoever calls these has no account yet, or no password. Each request counts as an attempt.
registration = APIRouter(prefix="/users", tags=["users"], responses=documented(429))
router = APIRouter(prefix="/auth", tags=["auth"], responses=documented(429))
# What the password has to confirm: who is calling is asked after that.
confirmed = APIRouter(prefix="/users/me", tags=["users"], responses=documented(401, 429))


@registration.post("", status_code=status.HTTP_202_ACCEPTED)
async def register(request: Request, body: UserCreate, service: MailServiceDep) -> Accepted:
    """Mail what creates an account with the role `user`, or that the address has one: the answer is the same."""
    await count_attempt(request, at="registration")
    await service.register(body.email, body.password.get_secret_value())
    return Accepted()


@router.post("/verify", status_code=status.HTTP_204_NO_CONTENT, responses=documented(409))
async def verify(request: Request, body: Confirmed, service: MailServiceDep) -> None:
    """Create the account, or give it its new address, which ends all sign-ins: the token is in the mail.

    Only who asked for an account knows the password; anybody could have asked, with one of their own.
    """
    await count_attempt(request, at="verification")
    await service.verify(body.token.get_secret_value(), body.password.get_secret_value())


@router.post("/forgotten", status_code=status.HTTP_202_ACCEPTED)
async def forgotten(request: Request, body: Forgotten, service: MailServiceDep) -> Accepted:
    """Mail what allows a new password, if there is an account: the answer is the same."""
    await count_attempt(request, at="forgotten password")
    await service.forget(body.email)
    return Accepted()


@router.post("/reset", status_code=status.HTTP_204_NO_CONTENT)
async def reset(request: Request, body: PasswordReset, service: MailServiceDep) -> None:
    """Replace the password, which ends all sign-ins: the token is in the mail."""
    await count_attempt(request, at="password reset")
    await service.reset(body.token.get_secret_value(), body.new_password)


@confirmed.put("/email", status_code=status.HTTP_202_ACCEPTED, dependencies=[Depends(confirm_move)])
async def change_email(body: EmailChange, user: CurrentCaller, service: MailServiceDep) -> Accepted:
    """Mail what gives the account this address, to the address: the account keeps its own until then."""
    await service.move(user, body.email)
    return Accepted()
