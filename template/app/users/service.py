"""Whether a password fits, and what becomes of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.auth.events import report
from app.core.pagination import Found
from app.users.exceptions import InvalidCredentials, LastAdministrator, UserNotFound, WrongPassword
from app.users.models import User
from app.users.passwords import Passwords
from app.users.repository import UserRepository
from app.users.schemas import UserQuery, UserUpdate


def has_administrator(users: Sequence[User]) -> bool:
    """Tell whether one of them can administer the accounts."""
    return any(user.is_active and user.is_admin for user in users)


@dataclass(frozen=True)
class UserService:
    """What can be done with accounts."""

    users: UserRepository
    readers: async_sessionmaker[AsyncSession]
    passwords: Passwords
    client: str

    async def authenticate(self, email: str, password: str) -> User:
        """Return the account with this address and password, at the same cost whether it exists or not."""
        # Nobody should wait for a connection, or to write, while the password is checked.
        async with self.readers() as session:
            found = await UserRepository(session).by_email(email)
        valid, stronger_hash = await self.passwords.verify(password, found.password_hash if found else None)
        # Locked: a sign-in with a password that is replaced meanwhile would not end with the others.
        user = await self.users.get(found.id, to_change=True) if found and valid else None
        if not (found and user and user.is_active and user.password_hash == found.password_hash):
            report("sign-in refused", email, self.client)
            raise InvalidCredentials
        if stronger_hash:
            user.password_hash = stronger_hash
        return user

    async def get(self, user_id: UUID) -> User:
        """Return an account; raises `UserNotFound`."""
        user = await self.users.get(user_id)
        if user is None:
            raise UserNotFound
        return user

    async def page(self, wanted: UserQuery) -> Found[User]:
        return await self.users.page(wanted)

    async def lock(self, user: User) -> Sequence[User]:
        """Lock an account, and with an administrator all of them; raises `UserNotFound` if it is gone by now."""
        locked = await self.users.lock(user)
        if user not in locked:
            raise UserNotFound
        return locked

    async def change_password(self, user: User, old_hash: str, new_hash: str, sign_in_id: UUID) -> None:
        """Replace the password that was checked, and end all other sign-ins."""
        await self.lock(user)
        if user.password_hash != old_hash:
            raise WrongPassword
        user.password_hash = new_hash
        await self.users.end_sign_ins(user.id, but=sign_in_id)
        report("password changed", user.email, self.client)

    async def change(self, user: User, changes: UserUpdate, administrator: str) -> User:
        """Apply the changes that were sent; raises `LastAdministrator`. Who is disabled is signed in nowhere."""
        locked = await self.lock(user)
        needed = has_administrator([user])
        changed = {name: value for name, value in changes.model_dump().items() if getattr(user, name) != value}
        for name, value in changed.items():
            setattr(user, name, value)
        if needed and not has_administrator(locked):
            raise LastAdministrator
        if not user.is_active:
            await self.users.end_sign_ins(user.id)
        for name, value in changed.items():
            report("account changed", user.email, self.client, detail=f"{name}: {value}", administrator=administrator)
        return user

    async def end_sign_ins(self, user: User, administrator: str = "") -> None:
        """End all sign-ins of an account."""
        await self.users.end_sign_ins(user.id)
        report("all sign-ins ended", user.email, self.client, administrator=administrator)

    async def delete(self, user: User) -> None:
        """Let an account leave, with all that it owns; raises `LastAdministrator`."""
        others = [one for one in await self.lock(user) if one is not user]
        if user.is_admin and not has_administrator(others):
            raise LastAdministrator
        await self.users.remove(user)
        report("account deleted", user.email, self.client)
