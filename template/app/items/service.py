"""What can be done with items."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from app.items.exceptions import InvalidPeriod, ItemNotFound
from app.items.models import Item
from app.items.schemas import ItemCreate, ItemUpdate, is_period


class ItemRepository(Protocol):
    """What the service needs of whatever stores items."""

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Item], int]:
        """Return some items in a stable order, and how many there are."""

    async def get(self, item_id: UUID) -> Item | None:
        """Find an item by its id."""

    async def add(self, new: ItemCreate) -> Item:
        """Store a new item; raises `Conflict` if its name is taken, at the latest at the end of the request."""

    async def change(self, item: Item, changes: ItemUpdate) -> Item:
        """Write what was sent; raises as `add` does."""

    async def remove(self, item: Item) -> None:
        """Delete the item."""


class ItemService:
    """The rules of items, whatever stores them and whoever asks."""

    def __init__(self, items: ItemRepository) -> None:
        self.items = items

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Item], int]:
        return await self.items.page(limit, offset)

    async def get(self, item_id: UUID) -> Item:
        """Return an item; raises `ItemNotFound`."""
        item = await self.items.get(item_id)
        if item is None:
            raise ItemNotFound
        return item

    async def create(self, new: ItemCreate) -> Item:
        return await self.items.add(new)

    async def update(self, item: Item, changes: ItemUpdate) -> Item:
        """Apply the changes that were sent; raises `InvalidPeriod` if they do not fit what stays."""
        values = changes.model_dump()
        if not is_period(values.get("starts_at", item.starts_at), values.get("ends_at", item.ends_at)):
            raise InvalidPeriod
        return await self.items.change(item, changes)

    async def delete(self, item: Item) -> None:
        await self.items.remove(item)
