"""The queries on what is to be mailed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.exceptions import TokenRefused
from app.mail.models import TELLING, AccountToken, Purpose
from app.users.models import User

# What is asked for again so soon is not sent: strangers can ask, too.
PAUSE = timedelta(minutes=1)
# So many tokens of a kind are good for one address: a stranger who asks once more must not take the owner's away.
KEPT = 3


def hash_token(token: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class AccountTokenRepository:
    """What is to be mailed, in the database."""

    session: AsyncSession

    async def add(self, row: AccountToken) -> None:
        """Store what is to be mailed."""
        self.session.add(row)
        await self.session.flush()

    async def claim(self, row_id: UUID) -> AccountToken | None:
        """Find what is to be mailed now: with few of its kind to this address, and no mail in the minute before."""
        await self.session.execute(delete(AccountToken).where(AccountToken.expires_at <= datetime.now(UTC)))
        row = await self.session.get(AccountToken, row_id)
        if row is None or row.purpose in TELLING:
            return row
        query = select(AccountToken).filter_by(email=row.email).order_by(AccountToken.expires_at).with_for_update()
        mailed = [one for one in await self.session.scalars(query) if one is not row and one.token_hash]
        same = [one for one in mailed if one.purpose is row.purpose]
        # Whoever has forgotten a password waits for no mail that a stranger has asked for, but for the same one.
        before = same if row.purpose is Purpose.RESET else mailed
        is_too_soon = any(abs(one.created_at - row.created_at) < PAUSE for one in before)
        gone = [row.id] if is_too_soon else [one.id for one in same][: 1 - KEPT]
        await self.session.execute(delete(AccountToken).where(AccountToken.id.in_(gone)))
        return None if is_too_soon else row

    async def forget(self, row_id: UUID) -> None:
        """Count a mail for nothing that was not sent: whoever asks again gets one at once."""
        await self.session.execute(update(AccountToken).where(AccountToken.id == row_id).values(token_hash=None))

    async def account(self, email: str) -> User | None:
        """Find the account with an address."""
        return await self.session.scalar(select(User).where(User.email == email))

    async def find(self, token: str, *purposes: Purpose) -> AccountToken:
        """Find what a token is good for; raises `TokenRefused`."""
        row = await self.session.scalar(select(AccountToken).where(*is_good(token, *purposes)))
        if row is None:
            raise TokenRefused
        return row

    async def use(self, token: str, *purposes: Purpose) -> None:
        """Let nobody use a token again: of two that try at once, one raises `TokenRefused`."""
        used = await self.session.execute(delete(AccountToken).where(*is_good(token, *purposes)))
        if not (isinstance(used, CursorResult) and used.rowcount == 1):
            raise TokenRefused


def is_good(token: str, *purposes: Purpose) -> list[ColumnElement[bool]]:
    """Return the conditions on a token: this one, for one of these, and not too old."""
    right = [AccountToken.token_hash == hash_token(token), AccountToken.purpose.in_(purposes)]
    return [*right, AccountToken.expires_at > datetime.now(UTC)]


def new_token(row: AccountToken) -> str:
    """Make 256 bits of chance, and keep only their hash."""
    token = secrets.token_urlsafe(32)
    row.token_hash = hash_token(token)
    return token
