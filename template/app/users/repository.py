"""The queries on accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.users.models import User


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
