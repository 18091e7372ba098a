"""Items in the memory of this process: gone when it stops, and never shared with another."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.core.exceptions import Conflict
from app.items.models import Item, now
from app.items.schemas import ItemCreate, ItemUpdate


class StoredItems:
    """All items, in a mapping."""

    def __init__(self, items: dict[UUID, Item]) -> None:
        self.items = items

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Item], int]:
        """Return some items, oldest first, and how many there are."""
        ordered = sorted(self.items.values(), key=lambda item: (item.created_at, item.id))
        return ordered[offset : offset + limit], len(ordered)

    async def get(self, item_id: UUID) -> Item | None:
        return self.items.get(item_id)

    async def add(self, new: ItemCreate) -> Item:
        item = Item(**new.model_dump())
        self.refuse_duplicate(item)
        self.items[item.id] = item
        return item

    async def change(self, item: Item, changes: ItemUpdate) -> Item:
        """Write the fields that were sent; the schema has no others than those that may change."""
        changed = replace(item, **changes.model_dump(), updated_at=now())
        self.refuse_duplicate(changed)
        self.items[item.id] = changed
        return changed

    async def remove(self, item: Item) -> None:
        del self.items[item.id]

    def refuse_duplicate(self, item: Item) -> None:
        """Raise if another item has this name."""
        if any(other.name == item.name and other.id != item.id for other in self.items.values()):
            message = "There is already an entry with these values."
            raise Conflict(message)
