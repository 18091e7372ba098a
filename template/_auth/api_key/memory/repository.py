"""Keys from the settings, in the memory of this process."""

from collections.abc import Sequence
from uuid import UUID

from app.auth.models import ApiKey


class StoredKeys:
    """Keys in a mapping."""

    def __init__(self, keys: dict[UUID, ApiKey]) -> None:
        self.keys = keys

    async def get(self, key_id: UUID) -> ApiKey | None:
        return self.keys.get(key_id)

    async def all(self) -> Sequence[ApiKey]:
        return sorted(self.keys.values(), key=lambda key: (key.client, key.last_date, key.id))

    async def add(self, key: ApiKey) -> None:
        self.keys[key.id] = key

    async def remove(self, key_id: UUID) -> bool:
        return self.keys.pop(key_id, None) is not None
