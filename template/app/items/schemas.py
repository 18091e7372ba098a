"""What clients send and get about items."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator

from app.core.pagination import Page
from app.core.schemas import InputSchema, LongText, Money, ReadSchema, ShortText, UtcDatetime
from app.items.models import ItemStatus


def is_period(starts_at: datetime | None, ends_at: datetime | None) -> bool:
    """Tell whether the start, if there is one, is before the end, if there is one."""
    return starts_at is None or ends_at is None or starts_at < ends_at


class ItemCreate(InputSchema):
    """A new item."""

    name: Annotated[ShortText, Field(examples=["Bicycle"])]
    """What it is called; names are unique."""
    description: Annotated[LongText, Field(examples=["Red, hardly used."])] | None = None
    price: Money
    status: ItemStatus = ItemStatus.DRAFT
    starts_at: UtcDatetime | None = None
    """When the offer starts; before `ends_at`."""
    ends_at: UtcDatetime | None = None

    @model_validator(mode="after")
    def check_period(self) -> Self:
        """Refuse an offer that ends before it starts."""
        if not is_period(self.starts_at, self.ends_at):
            message = "starts_at must be before ends_at"
            raise ValueError(message)
        return self


class ItemUpdate(InputSchema):
    """Changes to an item: what is left out stays as it is, and only what can be empty can be null."""

    name: Annotated[ShortText, Field(examples=["Bicycle"])] | MISSING = MISSING
    description: Annotated[LongText, Field(examples=["Red, hardly used."])] | MISSING | None = MISSING
    price: Money | MISSING = MISSING
    status: ItemStatus | MISSING = MISSING
    starts_at: UtcDatetime | MISSING | None = MISSING
    ends_at: UtcDatetime | MISSING | None = MISSING


class ItemRead(ReadSchema):
    """An item."""

    id: UUID
    name: str
    description: str | None
    price: Annotated[Decimal, Field(examples=["9.90"])]
    status: ItemStatus
    starts_at: UtcDatetime | None
    ends_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class ItemPage(Page):
    """Part of the items."""

    items: list[ItemRead]
