"""What lists are filtered, searched and sorted by: the types of the parameters, and what was asked for by them."""

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from app.core.pagination import ListParams
from app.core.schemas import WHOLE

T = TypeVar("T")
# Fields have no two underscores in a row, so that `price__gte` is no field of its own.
BETWEEN = "__"
OTHERS = {*ListParams.model_fields, "search", "sort"}
# No control characters, for not all that stores text knows NUL; and nothing in place of what was no UTF-8.
SOUGHT = r"[^\x00-\x1f\x7f\ufffd]+"
WORD = r"[^\x00-\x20\x7f\ufffd]+"


def split(sent: tuple[str, ...] | list[str]) -> list[str]:
    """Take `a,b` for `a` and `b`."""
    return [part for text in sent for part in text.split(",")]


Many = Annotated[tuple[T, ...], Field(max_length=100, description="One of these; it can be repeated.")]
Sorted = Annotated[
    tuple[T, ...],
    Field(max_length=10, description="By what to sort, with commas; `-` is for downwards. What is empty comes last."),
    BeforeValidator(split),
]
Contained = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=f"^{SOUGHT}$",
        examples=["red"],
        description="It contains this; A to Z count as a to z.",
    ),
]
Search = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern="^" + WORD + "( +" + WORD + "){0,4}$",
        examples=["red bicycle"],
        description="At most five words, each of which is in one of its texts; A to Z count as a to z.",
    ),
]
Whole = Annotated[int, Field(ge=-(2**31), lt=2**31, examples=[1]), WHOLE]


def filters(wanted: ListParams) -> Iterator[tuple[str, str, Any]]:
    """Yield of each filter that was sent the field, how to compare it, and with what."""
    for name in sorted(wanted.model_fields_set - OTHERS):
        field, _, how = name.partition(BETWEEN)
        value = getattr(wanted, name)
        if value is not None:
            yield field, how or "in", value if how or isinstance(value, tuple) else (value,)


def words(wanted: ListParams) -> list[str]:
    """Return what each entry has to have in one of its texts."""
    sought: str | None = getattr(wanted, "search", None)
    return sought.split() if sought else []


def order(wanted: ListParams) -> Iterator[tuple[str, bool]]:
    """Yield by what to sort, and whether downwards: by the id at last, without which pages could overlap.

    The id goes the way of the key before it, so that an index can be read from either end.
    """
    downwards = False
    for key in getattr(wanted, "sort", ()) or ("created_at",):
        downwards = key.startswith("-")
        yield key.removeprefix("-"), downwards
    yield "id", downwards
