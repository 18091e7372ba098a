"""Registration, and whether a password fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.auth.events import report
from app.users.exceptions import EmailTaken, InvalidCredentials
from app.users.models import User
from app.users.passwords import Passwords
from app.users.repository import UserRepository


@dataclass(frozen=True)
class UserService:
    """What can be done with accounts."""

    users: UserRepository
    readers: async_sessionmaker[AsyncSession]
    passwords: Passwords
    client: str

    async def register(self, email: str, password: str) -> User:
        """Create an account; the unique constraint decides when two requests race."""
        # Before the first query, with which the transaction begins.
        password_hash = await self.passwords.hash(password)
        if await self.users.by_email(email):
            raise EmailTaken
        return await self.users.add(email, password_hash)

    async def authenticate(self, email: str, password: str) -> User:
        """Return the account with this address and password, at the same cost whether it exists or not."""
        # Nobody should wait for a connection, or to write, while the password is checked.
        async with self.readers() as session:
            found = await UserRepository(session).by_email(email)
        valid, stronger_hash = await self.passwords.verify(password, found.password_hash if found else None)
        user = await self.active(found.id) if found and valid else None
        if not user:
            report("sign-in refused", email, self.client)
            raise InvalidCredentials
        if stronger_hash:
            user.password_hash = stronger_hash
        return user

    async def active(self, user_id: UUID) -> User | None:
        """Find an account that may still be used."""
        user = await self.users.get(user_id)
        return user if user and user.is_active else None

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return await self.users.page(limit, offset)
