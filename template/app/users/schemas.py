"""What clients send and get about accounts."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, EmailStr, Field, Secret, StrictBool, StringConstraints, model_validator
from zxcvbn_rs_py import zxcvbn

from app.core.pagination import ListPage, ListParams
from app.core.schemas import ADDRESS, Flag, InputSchema, ReadSchema, UtcDatetime
from app.users.models import Role

Email = Annotated[EmailStr, ADDRESS, AfterValidator(str.lower), Field(max_length=254, examples=["ada@example.com"])]
# What is found by fewer guesses stands on the lists that attackers try first, or is made of what does.
GUESSES = 10**9
# Of very long ones the estimate would take a second, and nobody else would be served meanwhile.
ESTIMATED = 32
# A constraint of `str` also refuses halves of characters, which JSON can spell and nothing can encode.
SECRET = Field(examples=["correct horse battery"], json_schema_extra={"format": "password", "writeOnly": True})
# Spaces at the ends of a password are part of it.
AS_SENT = StringConstraints(strip_whitespace=False)
# Length is what makes a password strong; rules about digits and capitals do not (NIST SP 800-63B-4).
NewPassword = Annotated[Secret[Annotated[str, AS_SENT, Field(min_length=15, max_length=128)]], SECRET]
Password = Annotated[Secret[Annotated[str, AS_SENT, Field(min_length=1, max_length=128)]], SECRET]


def is_common(password: Secret[str], email: str) -> bool:
    """Tell whether few guesses find a password, of which some are made of the account's own address."""
    own = [part[:ESTIMATED] for part in (email, *email.split("@"))]
    return zxcvbn(password.get_secret_value()[:ESTIMATED], own).guesses < GUESSES


class UserCreate(InputSchema):
    """A new account."""

    email: Email
    password: NewPassword

    @model_validator(mode="after")
    def check_guesses(self) -> Self:
        """Refuse common passwords, and the account's own address."""
        if is_common(self.password, self.email):
            message = "the password is among the first that somebody would try"
            raise ValueError(message)
        return self


class Confirmation(InputSchema):
    """The password of the account that is signed in."""

    password: Password


class PasswordChange(InputSchema):
    """The password of the account that is signed in, and what replaces it."""

    password: Password
    new_password: NewPassword


class UserUpdate(InputSchema):
    """What administrators change of an account: what is left out stays as it is."""

    is_active: StrictBool | MISSING = MISSING
    """Without it, nobody can sign in, and all sign-ins have ended."""
    role: Role | MISSING = MISSING


class UserRead(ReadSchema):
    """An account, as its owner and administrators see it."""

    id: UUID
    email: str
    role: Role
    is_active: bool
    created_at: UtcDatetime


class UserQuery(ListParams):
    """Which accounts to return."""

    SHOWN = UserRead

    email: Email | None = None
    """That with this address."""
    is_active: Flag | None = None
    """Those that can sign in, or those that cannot."""
    role: Role | None = None
    """Those with this role."""


class UserPage(ListPage):
    """Part of all accounts."""

    items: list[UserRead]
