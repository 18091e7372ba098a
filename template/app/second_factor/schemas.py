"""What clients send and get about the second factor."""

from typing import Annotated

from pydantic import Field, Secret

from app.core.schemas import InputSchema, ReadSchema, UtcDatetime
from app.users.schemas import Confirmation

# Forms send a field that nobody filled in as an empty one.
Code = Annotated[
    Secret[Annotated[str, Field(min_length=0, max_length=40, pattern="^[0-9A-Za-z -]*$")]],
    Field(examples=["123 456"], json_schema_extra={"writeOnly": True}),
]


class CodeInput(InputSchema):
    """A code of the app that is to be confirmed."""

    code: Code


class CodeConfirmation(Confirmation):
    """The password of the account that is signed in, with a code of its app, or one to recover with."""

    code: Code


class SecondFactorRead(ReadSchema):
    """Whether sign-in asks an account for a code."""

    is_active: bool
    active_since: UtcDatetime | None
    recovery_codes: int
    """How many are left."""


class Enrolment(ReadSchema):
    """What an authenticator app is given, once."""

    setup_key: str
    """To be typed in."""
    uri: str
    """To be shown as a QR code."""


class RecoveryCodes(ReadSchema):
    """Each lets the account in once, without its app; they are never shown again."""

    recovery_codes: list[str]
