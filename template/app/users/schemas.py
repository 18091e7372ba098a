"""What clients send and get about accounts."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, EmailStr, Field, Secret, model_validator
from zxcvbn_rs_py import zxcvbn

from app.core.pagination import Page
from app.core.schemas import ADDRESS, InputSchema, ReadSchema, UtcDatetime
from app.users.models import Role

Email = Annotated[EmailStr, ADDRESS, AfterValidator(str.lower), Field(max_length=254, examples=["ada@example.com"])]
# What is found by fewer guesses stands on the lists that attackers try first, or is made of what does.
GUESSES = 10**8
# A constraint of `str` also refuses halves of characters, which JSON can spell and nothing can encode.
SECRET = Field(examples=["correct horse battery"], json_schema_extra={"format": "password", "writeOnly": True})
# Length is what makes a password strong; rules about digits and capitals do not (NIST SP 800-63B-4).
NewPassword = Annotated[Secret[Annotated[str, Field(min_length=15, max_length=128)]], SECRET]
Password = Annotated[Secret[Annotated[str, Field(min_length=1, max_length=128)]], SECRET]


class UserCreate(InputSchema):
    """A new account."""

    # Spaces at the ends of a password are part of it.
    model_config = ConfigDict(str_strip_whitespace=False)

    email: Email
    password: NewPassword

    @model_validator(mode="after")
    def check_guesses(self) -> Self:
        """Refuse common passwords, and the account's own address."""
        if zxcvbn(self.password.get_secret_value(), [self.email, *self.email.split("@")]).guesses < GUESSES:
            message = "the password is among the first that somebody would try"
            raise ValueError(message)
        return self


class UserRead(ReadSchema):
    """An account, as its owner and administrators see it."""

    id: UUID
    email: str
    role: Role
    is_active: bool
    created_at: UtcDatetime


class UserPage(Page):
    """Part of all accounts."""

    items: list[UserRead]
