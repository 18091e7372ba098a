"""The queries on accounts and refresh tokens."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import RefreshToken, User


class UserRepository:
    """Accounts in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, user_id: UUID) -> User | None:
        return await self.session.get(User, user_id)

    async def by_email(self, email: str) -> User | None:
        """Find an account by its address, which is stored in lower case."""
        return await self.session.scalar(select(User).where(User.email == email))

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        """Return some accounts, oldest first, and how many there are."""
        query = select(User).order_by(User.created_at, User.id).limit(limit).offset(offset)
        users = (await self.session.scalars(query)).all()
        total = await self.session.scalar(select(func.count()).select_from(User))
        return users, total or 0

    async def add(self, email: str, password_hash: str) -> User:
        user = User(email=email, password_hash=password_hash)
        self.session.add(user)
        await self.session.flush()
        return user


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
