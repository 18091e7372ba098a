"""What clients send and get about what is mailed."""

from typing import Annotated

from pydantic import Field, Secret

from app.core.schemas import InputSchema, ReadSchema
from app.users.schemas import Email, NewPassword, Password

MailedToken = Annotated[str, Field(min_length=43, max_length=43, pattern="^[A-Za-z0-9_-]+$", examples=["A" * 43])]


class Forgotten(InputSchema):
    """The address of an account whose password is forgotten."""

    email: Email


class Confirmed(InputSchema):
    """What came by mail, and for a new account the password with which it was asked for."""

    token: Secret[MailedToken]
    password: Password = Field(default_factory=lambda: Secret(""))


class PasswordReset(InputSchema):
    """What came by mail, and the password from now on."""

    token: Secret[MailedToken]
    new_password: NewPassword


class EmailChange(InputSchema):
    """The address that the account is to have, and its password."""

    email: Email
    password: Password


class Accepted(ReadSchema):
    """The same for everybody, whatever the mail says."""

    detail: str = "How to go on is in a mail to this address, if there is anything to do."
