"""The queries on refresh tokens."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import RefreshToken


class RefreshTokenRepository:
    """Refresh tokens in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def by_hash(self, token_hash: str) -> RefreshToken | None:
        """Find a token, and let no parallel request use it until this one ends."""
        return await self.session.scalar(select(RefreshToken).filter_by(token_hash=token_hash).with_for_update())

    async def add(self, user_id: UUID, family_id: UUID, token_hash: str, expires_at: datetime) -> None:
        self.session.add(
            RefreshToken(user_id=user_id, family_id=family_id, token_hash=token_hash, expires_at=expires_at)
        )
        await self.session.flush()

    async def forget_expired(self, user_id: UUID) -> None:
        """Remove the tokens of an account that nobody can use any more."""
        expired = RefreshToken.expires_at <= datetime.now(UTC)
        await self.session.execute(delete(RefreshToken).where(RefreshToken.user_id == user_id, expired))

    async def revoke_family(self, family_id: UUID) -> None:
        """Remove the token and all that came from the same sign-in."""
        await self.session.execute(delete(RefreshToken).where(RefreshToken.family_id == family_id))
