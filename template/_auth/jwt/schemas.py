"""What clients send and get about tokens."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, SecretStr

from app.core.schemas import InputSchema, ReadSchema
from app.users.schemas import Email, Password

OpaqueToken = Annotated[SecretStr, Field(min_length=43, max_length=43, examples=["Zm9v" * 10 + "YmE"])]


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


class TokenPair(ReadSchema):
    """A short-lived access token and the refresh token that replaces it once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
    """Seconds until the access token expires."""
