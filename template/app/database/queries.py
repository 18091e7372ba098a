"""What a list's parameters say, as parts of a query: which rows, and in which order."""

import operator
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, or_

from app.core.filters import filters, order, words
from app.core.pagination import PageParams
from app.database.base import Base
from app.database.engine import folded, moment, sort_key

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {"gte": operator.ge, "lte": operator.le, "lt": operator.lt}


def contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Look for a text, in which A to Z count as a to z, and nothing stands for something else.

    Whether É is é, `folded` of the database says. It reads every row that the other conditions leave, such as all of an
    owner; a condition on a value or on a range can use an index.
    """
    pattern = "%" + re.sub("[%_/]", r"/\g<0>", text) + "%"
    return folded(column).like(folded(literal(pattern)), escape="/")


def condition(column: ColumnElement[Any], how: str, value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - of any type
    """Compare a column; what is empty fits nothing."""
    match how:
        case "in":
            return column.in_(value)
        case "contains":
            return contains(column, value)
    compared: ColumnElement[bool] = COMPARISONS[how](column, moment(value) if isinstance(value, datetime) else value)
    return compared


def conditions(model: type[Base], wanted: PageParams) -> list[ColumnElement[bool]]:
    """Return what holds for the rows that are wanted: all filters, and each word in one of the texts."""
    found = [condition(getattr(model, field), how, value) for field, how, value in filters(wanted)]
    texts = [getattr(model, name) for name in wanted.SEARCHED]
    return found + [or_(*(contains(text, word) for text in texts)) for word in words(wanted)]


def ordering(model: type[Base], wanted: PageParams) -> Iterator[ColumnElement[Any]]:
    """Yield by what to sort: text by code point, whatever the collation; what is empty is last in both directions."""
    for name, downwards in order(wanted):
        column = getattr(model, name)
        if column.nullable:
            yield column.is_(None)
        yield sort_key(column).desc() if downwards else sort_key(column)
