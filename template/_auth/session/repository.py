"""The queries on sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import UserSession


class UserSessionRepository:
    """Sessions in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def by_hash(self, id_hash: str) -> UserSession | None:
        """Find a session, with its account in the same query."""
        return await self.session.scalar(select(UserSession).where(UserSession.id_hash == id_hash))

    async def add(self, user_id: UUID, id_hash: str, *, used_at: datetime, expires_at: datetime) -> None:
        self.session.add(UserSession(user_id=user_id, id_hash=id_hash, used_at=used_at, expires_at=expires_at))
        await self.session.flush()

    async def use(self, session_id: UUID, used_at: datetime) -> None:
        """Note when a session was used; one that has ended stays ended."""
        await self.session.execute(update(UserSession).where(UserSession.id == session_id).values(used_at=used_at))

    async def end(self, id_hash: str) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.id_hash == id_hash))

    async def end_all(self, user_id: UUID) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.user_id == user_id))

    async def forget_unused(self, since: datetime) -> None:
        """Remove what nobody has used since then: what has expired, too, is among it sooner or later."""
        await self.session.execute(delete(UserSession).where(UserSession.used_at <= since))
