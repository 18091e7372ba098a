"""What a list's parameters say, as parts of a query: which rows, and in which order."""

import operator
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.cursors import cut, place_of, start
from app.core.exceptions import InvalidCursor
from app.core.filters import filters, order, words
from app.core.pagination import Found, ListParams
from app.database.base import Base
from app.database.engine import folded, moment, sort_key, told_index

MICROSECOND, LAST = timedelta(microseconds=1), datetime.max.replace(tzinfo=UTC)
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


def conditions(model: type[Base], wanted: ListParams) -> list[ColumnElement[bool]]:
    """Return what holds for the rows that are wanted: all filters, and each word in one of the texts."""
    found = [condition(getattr(model, field), how, value) for field, how, value in filters(wanted)]
    texts = [getattr(model, name) for name in wanted.SEARCHED]
    return found + [or_(*(contains(text, word) for text in texts)) for word in words(wanted)]


def ordering(model: type[Base], wanted: ListParams) -> Iterator[ColumnElement[Any]]:
    """Yield by what to sort: text by code point, whatever the collation; what is empty is last in both directions."""
    for name, downwards in order(wanted):
        column = getattr(model, name)
        if column.nullable:
            yield column.is_(None)
        # The id only has to tell apart what else is equal: as it is, an index has it in its order.
        key = column if column.primary_key else sort_key(column)
        yield key.desc() if downwards else key


def place(column: ColumnElement[Any], value: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - of any type
    """Return what holds for the rows that are before a value, at it, and behind it, sorted upwards."""
    if value is None:
        return column.is_not(None), column.is_(None), false()
    if isinstance(value, datetime):
        # Some databases compare texts, of several lengths: a time is what is neither before nor behind.
        begin = moment(value)
        if value == LAST:
            return column < begin, column >= begin, false()
        end = moment(value + MICROSECOND)
        return column < begin, and_(column >= begin, column < end), column >= end
    given: ColumnElement[Any] = literal(value, column.type)
    key, given = (column, given) if column.primary_key else (sort_key(column), sort_key(given))
    return key < given, key == given, key > given


def behind(model: type[Base], wanted: ListParams, place_before: list[Any]) -> Iterator[ColumnElement[bool]]:
    """Yield what holds for the rows behind the place where a page begins.

    What the first key alone says is a condition of its own: there an index begins to be read, which an OR does not say.
    """
    follows: ColumnElement[bool] = false()
    bound: ColumnElement[bool] = true()
    for (name, downwards), value in reversed([*zip(order(wanted), place_before, strict=False)]):
        column = getattr(model, name)
        before, same, beyond = place(column, value)
        further = before if downwards and value is not None else beyond
        bound = not_(beyond if downwards else before)
        if column.nullable and value is not None:
            further, bound = or_(further, column.is_(None)), true()
        follows = or_(further, and_(same, follows))
    if wanted.after is not None:
        yield and_(bound, follows)


async def page(
    session: AsyncSession, model: type[Base], wanted: ListParams, *visible: ColumnElement[bool]
) -> Found[Any]:
    """Return a page of the rows that are wanted and visible, in a total order."""
    fitting = conditions(model, wanted)
    query = select(model).where(*visible, *fitting)
    total = None
    if wanted.count:
        total = await session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
    begin = start(wanted)
    if len(begin) == 1:
        row = await session.scalar(select(model).where(*visible, model.__mapper__.primary_key[0] == begin[0]))
        if row is None:
            raise InvalidCursor
        begin = place_of(row, wanted)
    ordered = query.where(*behind(model, wanted, begin)).order_by(*ordering(model, wanted))
    if begin and not fitting and next(order(wanted))[0] == "created_at":
        ordered = told_index(ordered, model)
    found = await session.scalars(ordered.limit(wanted.limit + 1).offset(wanted.offset))
    return cut(found.all(), total, wanted)
