"""What only the password allows, of somebody who is signed in.

It is checked before `get_caller` asks the database: nobody should wait for a connection, or to write, meanwhile.
"""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Secret

from app.auth.dependencies import FoundCaller
from app.auth.events import client_of, report
from app.users.dependencies import count_attempt
from app.users.exceptions import CommonPassword, WrongPassword
from app.users.models import User
from app.users.passwords import Passwords
from app.users.schemas import Confirmation, PasswordChange, is_common


async def confirm(request: Request, user: User, password: Secret[str]) -> None:
    """Raise unless this is the password of the account."""
    # Not those of the address, which strangers can use up.
    await count_attempt(request, str(user.id))
    passwords: Passwords = request.state.auth.passwords
    valid, _ = await passwords.verify(password.get_secret_value(), user.password_hash)
    if not valid:
        report("password refused", user.email, client_of(request))
        raise WrongPassword


async def confirm_password(request: Request, user: FoundCaller, body: Confirmation) -> None:
    """Refuse whoever does not know the password."""
    await confirm(request, user, body.password)


async def confirm_change(request: Request, user: FoundCaller, body: PasswordChange) -> tuple[str, str]:
    """Return the hash of the old password, which was given, and that of the new one."""
    await confirm(request, user, body.password)
    if is_common(body.new_password, user.email):
        raise CommonPassword
    passwords: Passwords = request.state.auth.passwords
    return user.password_hash, await passwords.hash(body.new_password.get_secret_value())


ChangedHash = Annotated[tuple[str, str], Depends(confirm_change)]
