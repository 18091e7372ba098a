"""How an item is stored."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.core.ids import new_id


class ItemStatus(StrEnum):
    """Where an item is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


@dataclass
class Item:
    """Something that is offered for a price."""

    name: str
    description: str | None
    price: Decimal
    status: ItemStatus
    starts_at: datetime | None
    ends_at: datetime | None
    id: UUID = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
