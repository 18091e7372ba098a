"""The queries on sessions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import UserSession


def alive(used_after: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a session that has not ended."""
    return UserSession.used_at > used_after, UserSession.expires_at > datetime.now(UTC)


class UserSessionRepository:
    """Sessions in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def by_hash(self, id_hash: str) -> UserSession | None:
        """Find a session, with its account in the same query."""
        return await self.session.scalar(select(UserSession).where(UserSession.id_hash == id_hash))

    async def get(self, user_id: UUID, session_id: UUID, used_after: datetime) -> UserSession | None:
        """Find a session of this account that has not ended."""
        query = select(UserSession).filter_by(id=session_id, user_id=user_id)
        return await self.session.scalar(query.where(*alive(used_after)))

    async def page(
        self, user_id: UUID, used_after: datetime, limit: int, offset: int
    ) -> tuple[Sequence[UserSession], int]:
        """Return some sessions of an account that have not ended, last used first, and how many there are."""
        mine = (UserSession.user_id == user_id, *alive(used_after))
        ordered = select(UserSession).where(*mine).order_by(UserSession.used_at.desc(), UserSession.id)
        found = (await self.session.scalars(ordered.limit(limit).offset(offset))).all()
        return found, await self.session.scalar(select(func.count()).select_from(UserSession).where(*mine)) or 0

    async def add(self, session: UserSession) -> None:
        self.session.add(session)
        await self.session.flush()

    async def use(self, session_id: UUID, used_at: datetime) -> None:
        """Note when a session was used; one that has ended stays ended."""
        await self.session.execute(update(UserSession).where(UserSession.id == session_id).values(used_at=used_at))

    async def replace_id(self, session_id: UUID, id_hash: str) -> None:
        """Let a session be found by another id alone."""
        await self.session.execute(update(UserSession).where(UserSession.id == session_id).values(id_hash=id_hash))

    async def end(self, id_hash: str) -> None:
        await self.session.execute(delete(UserSession).where(UserSession.id_hash == id_hash))

    async def forget_unused(self, since: datetime) -> None:
        """Remove what nobody has used since then: what has expired, too, is among it sooner or later."""
        await self.session.execute(delete(UserSession).where(UserSession.used_at <= since))
