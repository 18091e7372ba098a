"""The queries on sign-ins."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import RefreshToken


class RefreshTokenRepository:
    """Sign-ins in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lock(self, sign_in_id: UUID) -> RefreshToken | None:
        """Find a sign-in, which no parallel request can continue or end until this one ends."""
        return await self.session.scalar(select(RefreshToken).filter_by(id=sign_in_id).with_for_update())

    def add(self, sign_in: RefreshToken) -> None:
        self.session.add(sign_in)

    async def end(self, sign_in_id: UUID) -> None:
        await self.session.execute(delete(RefreshToken).where(RefreshToken.id == sign_in_id))

    async def forget_expired(self) -> None:
        """Remove what nobody can continue any more."""
        await self.session.execute(delete(RefreshToken).where(RefreshToken.expires_at <= datetime.now(UTC)))
