"""What is stored, in the memory of this process: gone when it stops, and never shared with another."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any
from uuid import UUID

from app.config import Settings
from app.core.cursors import cut, place_of, start
from app.core.exceptions import InvalidCursor
from app.core.filters import filters, order, words
from app.core.pagination import Found, ListParams

# The entries of each kind, by their ids.
Memory = defaultdict[type, dict[UUID, Any]]


def memory_from(_settings: Settings) -> Memory:
    """Begin with nothing."""
    return defaultdict(dict)


def contains(text: str | None, sought: str) -> bool:
    """Look for a text, in which A to Z count as a to z; É is not é."""
    return sought.encode().lower() in (text or "").encode().lower()


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda value, wanted: value in wanted,
    "contains": contains,
    "gte": lambda value, wanted: value >= wanted,
    "lte": lambda value, wanted: value <= wanted,
    "lt": lambda value, wanted: value < wanted,
}


def fits(entry: object, wanted: ListParams) -> bool:
    """Tell whether an entry is wanted: all filters fit, and each word is in one of its texts."""
    compared = [(getattr(entry, field), how, value) for field, how, value in filters(wanted)]
    texts = [getattr(entry, name) for name in wanted.SEARCHED]
    return all(value is not None and COMPARISONS[how](value, sought) for value, how, sought in compared) and all(
        any(contains(text, word) for text in texts) for word in words(wanted)
    )


def put_in_order(entries: list[Any], wanted: ListParams) -> None:
    """Sort entries: text by code point, and what is empty at last in both directions."""
    for name, downwards in reversed([*order(wanted)]):
        there = [entry for entry in entries if getattr(entry, name) is not None]
        there.sort(key=attrgetter(name), reverse=downwards)
        entries[:] = there + [entry for entry in entries if getattr(entry, name) is None]


def is_behind(entry: object, wanted: ListParams, begin: list[Any]) -> bool:
    """Tell whether an entry comes behind the place where a page begins."""
    for (name, downwards), value in zip(order(wanted), begin, strict=False):
        mine = getattr(entry, name)
        if mine != value:
            return mine is None or (value is not None and (mine < value) is downwards)
    return wanted.after is None


def page(entries: Iterable[Any], wanted: ListParams) -> Found[Any]:
    """Return a page of the entries that are wanted, in a total order."""
    found, begin = [*entries], start(wanted)
    if len(begin) == 1:
        last = next((entry for entry in found if entry.id == begin[0]), None)
        if last is None:
            raise InvalidCursor
        begin = place_of(last, wanted)
    fitting = [entry for entry in found if fits(entry, wanted)]
    left = [entry for entry in fitting if is_behind(entry, wanted, begin)]
    put_in_order(left, wanted)
    return cut(left[wanted.offset :][: wanted.limit + 1], len(fitting) if wanted.count else None, wanted)
