"""Bounded pages: each list has limit and offset, and those of resources go on by key, too."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from pydantic import Field

from app.core.problems import described
from app.core.schemas import WHOLE, Flag, InputSchema, ReadSchema

MAX_OFFSET = 1_000_000
LISTED = described(200, "Link")
T = TypeVar("T")
# The entries of a page, how many there are on all pages if that was asked for, and where the next page begins.
Found = tuple[Sequence[T], int | None, str | None]


class PageParams(InputSchema):
    """Which part of a collection to return."""

    limit: Annotated[int, Field(ge=1, le=100), WHOLE] = 20
    """How many entries to return."""
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET), WHOLE] = 0
    """How many entries to skip."""


class ListParams(PageParams):
    """Which part of a list to return; a subclass adds filters, such as `price__gte`, `search` and `sort`."""

    SEARCHED: ClassVar[tuple[str, ...]] = ()
    SHOWN: ClassVar[type[ReadSchema]]

    after: Annotated[str, Field(min_length=1, max_length=12_000)] | None = None
    """Go on behind another page: its `next`. What is created or deleted meanwhile moves nothing."""
    count: Flag = False
    """Whether to tell the `total`, for which all entries that fit are looked at."""


class Page(ReadSchema):
    """Part of a collection; a subclass adds `items`."""

    limit: int
    offset: int


class CountedPage(Page):
    """Part of a collection that is never large."""

    total: int
    """How many entries there are on all pages."""


class ListPage(Page):
    """Part of a list."""

    total: int | None
    """How many entries fit, on all pages; null unless `count=true` asks for it."""
    next: str | None
    """What gets the next page, as `after`; null on the last page."""

    @classmethod
    def of(cls, found: Found[Any], wanted: ListParams) -> Self:
        """Show what was found."""
        entries, total, goes_on = found
        shown = {"items": entries, "limit": wanted.limit, "offset": wanted.offset, "total": total, "next": goes_on}
        return cls.model_validate(shown)


def set_link(request: Request, response: Response, page: ListPage) -> None:
    """Tell the client where the next page is (RFC 8288): here, but for the query."""
    if page.next:
        sent = [(name, value) for name, value in request.query_params.multi_items() if name not in {"after", "offset"}]
        response.headers["Link"] = f'<?{urlencode([*sent, ("after", page.next)])}>; rel="next"'


Q = TypeVar("Q", bound=PageParams)
ListQuery = Annotated[Q, Query()]
PageQuery = ListQuery[PageParams]
