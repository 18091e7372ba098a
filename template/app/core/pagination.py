"""Bounded pages with one shape for every collection."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.core.schemas import InputSchema, ReadSchema

MAX_OFFSET = 1_000_000


class PageParams(InputSchema):
    """Which part of a collection to return."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """How many entries to return."""
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0
    """How many entries to skip."""


class Page(ReadSchema):
    """Part of a collection; a subclass adds `items`."""

    total: int
    """How many entries there are on all pages."""
    limit: int
    offset: int


PageQuery = Annotated[PageParams, Query()]
