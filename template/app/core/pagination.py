"""Bounded pages with one shape for every collection."""

from typing import Annotated, ClassVar, TypeVar

from fastapi import Query
from pydantic import Field

from app.core.schemas import WHOLE, InputSchema, ReadSchema

MAX_OFFSET = 1_000_000


class PageParams(InputSchema):
    """Which part of a collection to return; a subclass adds filters, such as `price__gte`, `search` and `sort`."""

    SEARCHED: ClassVar[tuple[str, ...]] = ()

    limit: Annotated[int, Field(ge=1, le=100), WHOLE] = 20
    """How many entries to return."""
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET), WHOLE] = 0
    """How many entries to skip."""


class Page(ReadSchema):
    """Part of a collection; a subclass adds `items`."""

    total: int
    """How many entries there are on all pages, of those that are wanted."""
    limit: int
    offset: int


Q = TypeVar("Q", bound=PageParams)
ListQuery = Annotated[Q, Query()]
PageQuery = ListQuery[PageParams]
