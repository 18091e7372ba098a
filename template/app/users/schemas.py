"""What clients send and get about accounts."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, EmailStr, Field, SecretStr

from app.core.pagination import Page
from app.core.schemas import ADDRESS, InputSchema, ReadSchema, UtcDatetime
from app.users.models import Role

Email = Annotated[EmailStr, ADDRESS, AfterValidator(str.lower), Field(max_length=254, examples=["ada@example.com"])]
# Length is what makes a password strong; rules about digits and capitals do not (NIST SP 800-63B-4).
NewPassword = Annotated[SecretStr, Field(min_length=15, max_length=128, examples=["correct horse battery"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=128, examples=["correct horse battery"])]


class UserCreate(InputSchema):
    """A new account."""

    # Spaces at the ends of a password are part of it.
    model_config = ConfigDict(str_strip_whitespace=False)

    email: Email
    password: NewPassword


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
