"""The base of every request and response schema, and the field types they share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def to_utc(value: datetime) -> datetime:
    """Move an aware time to UTC, so that every answer ends in `Z`."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        message = "the time is outside of the calendar"
        raise ValueError(message) from error


def to_cents(value: Decimal) -> Decimal:
    """Write every amount with two decimals, however it was sent."""
    return value.quantize(Decimal("0.01")) + 0  # which makes -0 a plain zero


UtcDatetime = Annotated[AwareDatetime, AfterValidator(to_utc), Field(examples=["2026-01-31T12:00:00Z"])]
# Much of what stores or shows text takes NUL for its end, or refuses it.
ShortText = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
LongText = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Money = Annotated[
    Decimal, Field(ge=0, lt=10**10, max_digits=12, decimal_places=2, examples=["9.90"]), AfterValidator(to_cents)
]


class Schema(BaseModel):
    """Configuration shared by everything that crosses the API."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class InputSchema(Schema):
    """What a client sends: text is trimmed, and a field that nobody knows is an error, not a typo kept silent."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class ReadSchema(Schema):
    """What a client gets: built from the attributes of a stored object, field by field."""

    model_config = ConfigDict(from_attributes=True)
