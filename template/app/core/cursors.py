"""Cursors: where a page ends, by what the list is sorted by, as a text that clients send back to go on from there."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from app.core.exceptions import InvalidCursor
from app.core.filters import order
from app.core.pagination import MAX_CURSOR, Found, ListParams
from app.core.schemas import ReadSchema


@lru_cache(maxsize=1024)
def form(shown: type[ReadSchema], name: str) -> TypeAdapter[Any]:
    """Return what reads the value of a field."""
    return TypeAdapter(shown.model_fields[name].rebuild_annotation())


def keys(wanted: ListParams) -> list[str]:
    """Return by what a list is sorted, as clients write it."""
    return ["-" * downwards + name for name, downwards in order(wanted)]


def place_of(entry: object, wanted: ListParams) -> list[Any]:
    """Return where an entry is: its values of all that the list is sorted by."""
    return [getattr(entry, name) for name, _ in order(wanted)]


def cursor(entry: object, wanted: ListParams) -> str:
    """Write where an entry is: by its values, or, where that would be too long for an address, by its id alone."""
    *values, own_id = place_of(entry, wanted)
    texts = (urlsafe_b64encode(to_json([keys(wanted), *place])) for place in ([*values, own_id], [own_id]))
    return next(text for text in texts if len(text) <= MAX_CURSOR).decode().rstrip("=")


def check(value: object) -> None:
    """Raise ValueError for what is not stored anywhere, and so cannot be compared with everywhere."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise ValueError
    if isinstance(value, Decimal) and abs(value) >= 10**10:
        raise ValueError


def start(wanted: ListParams) -> list[Any]:
    """Return behind which values of the keys a page begins, or which id, none for the first; raises `InvalidCursor`."""
    if wanted.after is None:
        return []
    try:
        by, *sent = from_json(urlsafe_b64decode(wanted.after + "=" * (-len(wanted.after) % 4)))
        if by != keys(wanted):
            raise InvalidCursor
        named = zip([*order(wanted)][-1 if len(sent) == 1 else 0 :], sent, strict=True)
        values = [form(wanted.SHOWN, name).validate_python(value) for (name, _), value in named]
        for value in values:
            check(value)
    except (TypeError, ValueError) as error:
        raise InvalidCursor from error
    return values


def cut(found: Sequence[Any], total: int | None, wanted: ListParams) -> Found[Any]:
    """Make a page of entries of which one more than wanted was asked for: it tells whether there are more."""
    entries = found[: wanted.limit]
    return entries, total, cursor(entries[-1], wanted) if len(found) > wanted.limit else None
