"""What clients send and get about accounts and tokens."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, EmailStr, Field, SecretStr

from app.auth.models import Role
from app.core.pagination import Page
from app.core.schemas import InputSchema, ReadSchema, UtcDatetime

Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254, examples=["ada@example.com"])]
# Length is what makes a password strong; rules about digits and capitals do not (NIST SP 800-63B-4).
NewPassword = Annotated[SecretStr, Field(min_length=15, max_length=128, examples=["correct horse battery"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=128, examples=["correct horse battery"])]
OpaqueToken = Annotated[SecretStr, Field(min_length=43, max_length=43, examples=["Zm9vYmFyYmF6..."])]


class UserCreate(InputSchema):
    """A new account."""

    # Spaces at the ends of a password are part of it.
    model_config = ConfigDict(str_strip_whitespace=False)

    email: Email
    password: NewPassword


class Login(InputSchema):
    """The form of the OAuth2 password grant."""

    # The other fields of that grant are allowed and ignored.
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)

    grant_type: Literal["password"] = "password"
    username: Email
    password: Password


class RefreshRequest(InputSchema):
    """A refresh token to exchange or to revoke."""

    refresh_token: OpaqueToken


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


class TokenPair(ReadSchema):
    """A short-lived access token and the refresh token that replaces it once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
    """Seconds until the access token expires."""
