"""The queries on keys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import ApiKey


class StoredKeys:
    """Keys in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, key_id: UUID) -> ApiKey | None:
        return await self.session.get(ApiKey, key_id)

    async def all(self) -> Sequence[ApiKey]:
        return (await self.session.scalars(select(ApiKey).order_by(ApiKey.client, ApiKey.last_date, ApiKey.id))).all()

    async def add(self, key: ApiKey) -> None:
        self.session.add(key)
        await self.session.flush()

    async def remove(self, key_id: UUID) -> bool:
        key = await self.get(key_id)
        if key:
            await self.session.delete(key)
        return key is not None
