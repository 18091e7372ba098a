"""What is stored, in the memory of this process: gone when it stops, and never shared with another."""

from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter
from typing import Any
from uuid import UUID

from app.config import Settings
from app.core.filters import filters, order, words
from app.core.pagination import PageParams

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


def fits(entry: object, wanted: PageParams) -> bool:
    """Tell whether an entry is wanted: all filters fit, and each word is in one of its texts."""
    compared = [(getattr(entry, field), how, value) for field, how, value in filters(wanted)]
    texts = [getattr(entry, name) for name in wanted.SEARCHED]
    return all(value is not None and COMPARISONS[how](value, sought) for value, how, sought in compared) and all(
        any(contains(text, word) for text in texts) for word in words(wanted)
    )


def put_in_order(entries: list[Any], wanted: PageParams) -> None:
    """Sort entries: text by code point, and what is empty at last in both directions."""
    for name, downwards in reversed([*order(wanted)]):
        there = [entry for entry in entries if getattr(entry, name) is not None]
        there.sort(key=attrgetter(name), reverse=downwards)
        entries[:] = there + [entry for entry in entries if getattr(entry, name) is None]
