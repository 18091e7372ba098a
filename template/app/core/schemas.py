"""The base of every request and response schema, and the field types they share."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

# The most that a body may hold: each part of it may become an error, and some databases store no deeper JSON.
MAX_PARTS, MAX_DEPTH = 10_000, 32
UNREADABLE = "unreadable"


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


def written(pattern: str, *refused: type) -> BeforeValidator:
    """Take text only as it is documented: Python reads other digits, `1_0`, seconds as times, and names of people."""

    def check(value: object) -> object:
        if isinstance(value, refused) or (isinstance(value, str) and not re.fullmatch(pattern, value)):
            message = "it is not written as documented"
            raise ValueError(message)
        return value

    return BeforeValidator(check)


WHOLE = written(r"-?[0-9]+")
PLAIN = written(r"[+-]?[0-9]*\.?[0-9]*")
DAY = written(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", int, float)
Flag = Annotated[bool, written("true|false")]
ADDRESS = written(r"[^<>]+")
UtcDatetime = Annotated[AwareDatetime, DAY, AfterValidator(to_utc), Field(examples=["2026-01-31T12:00:00Z"])]
# What cannot be seen, or turns the text around it, makes one name look like another; joiners are part of some scripts.
HIDDEN = r"\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
ShortText = Annotated[str, Field(min_length=1, max_length=100, pattern=rf"^[^{HIDDEN}\u200c\u200d][^{HIDDEN}]*$")]
LongText = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Money = Annotated[
    Decimal, Field(ge=0, lt=10**10, max_digits=12, decimal_places=2, examples=["9.90"]), AfterValidator(to_cents), PLAIN
]


class Schema(BaseModel):
    """Configuration shared by everything that crosses the API."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class InputSchema(Schema):
    """What a client sends: text is trimmed, and a field that nobody knows is an error, not a typo kept silent."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def check_size(cls, sent: Any) -> Any:  # noqa: ANN401 - anything may be sent
        """Refuse what has too many parts, or too deep ones, before each of them is looked at."""
        found, level = 0, [sent] if isinstance(sent, dict | list) else []
        for _ in range(MAX_DEPTH):
            found += sum(map(len, level))
            holders = [one.values() if isinstance(one, dict) else one for one in level if found <= MAX_PARTS]
            level = [part for holder in holders for part in holder if isinstance(part, dict | list)]
        if level or found > MAX_PARTS:
            message = "It has too many parts, or they are nested too deeply."
            raise PydanticCustomError(UNREADABLE, message)
        return sent


class ReadSchema(Schema):
    """What a client gets: built from the attributes of a stored object, field by field."""

    model_config = ConfigDict(from_attributes=True)
