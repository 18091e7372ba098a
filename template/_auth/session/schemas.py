"""What clients send to sign in."""

from pydantic import ConfigDict

from app.core.schemas import InputSchema
from app.users.schemas import Email, Password


class Login(InputSchema):
    """Who somebody is, and the proof."""

    # Spaces at the ends of a password are part of it.
    model_config = ConfigDict(str_strip_whitespace=False)

    email: Email
    password: Password
