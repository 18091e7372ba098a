"""Registration, and whether a password fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.users.exceptions import EmailTaken, InvalidCredentials
from app.users.models import User
from app.users.passwords import Passwords
from app.users.repository import UserRepository


@dataclass(frozen=True)
class UserService:
    """What can be done with accounts."""

    users: UserRepository
    passwords: Passwords

    async def register(self, email: str, password: str) -> User:
        """Create an account; the unique constraint decides when two requests race."""
        if await self.users.by_email(email):
            raise EmailTaken
        return await self.users.add(email, await self.passwords.hash(password))

    async def authenticate(self, email: str, password: str) -> User:
        """Return the account with this address and password, at the same cost whether it exists or not."""
        user = await self.users.by_email(email)
        valid, stronger_hash = await self.passwords.verify(password, user.password_hash if user else None)
        if not user or not valid or not user.is_active:
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
