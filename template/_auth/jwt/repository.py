"""The queries on sign-ins."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import RefreshToken
from app.users.models import User


class RefreshTokenRepository:
    """Sign-ins in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def account_of(self, sign_in_id: UUID) -> User | None:
        """Find the account of a sign-in that has not ended, in one query."""
        query = select(User).join(RefreshToken, RefreshToken.user_id == User.id)
        alive = (RefreshToken.id == sign_in_id, RefreshToken.expires_at > datetime.now(UTC))
        return await self.session.scalar(query.where(*alive))

    async def lock(self, sign_in_id: UUID) -> RefreshToken | None:
        """Find a sign-in, which no parallel request can continue or end until this one ends."""
        return await self.session.scalar(select(RefreshToken).filter_by(id=sign_in_id).with_for_update())

    async def page(self, user_id: UUID, limit: int, offset: int) -> tuple[Sequence[RefreshToken], int]:
        """Return some sign-ins of an account that have not ended, last used first, and how many there are."""
        alive = (RefreshToken.user_id == user_id, RefreshToken.expires_at > datetime.now(UTC))
        ordered = select(RefreshToken).where(*alive).order_by(RefreshToken.used_at.desc(), RefreshToken.id)
        found = (await self.session.scalars(ordered.limit(limit).offset(offset))).all()
        return found, await self.session.scalar(select(func.count()).select_from(RefreshToken).where(*alive)) or 0

    def add(self, sign_in: RefreshToken) -> None:
        self.session.add(sign_in)

    async def get(self, user_id: UUID, sign_in_id: UUID) -> RefreshToken | None:
        """Find a sign-in of this account that has not ended."""
        query = select(RefreshToken).filter_by(id=sign_in_id, user_id=user_id)
        return await self.session.scalar(query.where(RefreshToken.expires_at > datetime.now(UTC)))

    async def end(self, sign_in_id: UUID) -> None:
        await self.session.execute(delete(RefreshToken).where(RefreshToken.id == sign_in_id))

    async def forget_expired(self) -> None:
        """Remove what nobody can continue any more."""
        await self.session.execute(delete(RefreshToken).where(RefreshToken.expires_at <= datetime.now(UTC)))
