"""The queries on what is to be mailed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, select
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

    async def add(self, row: AccountToken) -> UUID:
        """Store what is to be mailed, and return its id."""
        self.session.add(row)
        await self.session.flush()
        return row.id

    async def claim(self, row_id: UUID) -> AccountToken | None:
        """Find what is to be mailed now: with few of its kind to this address, and none in the minute before."""
        await self.session.execute(delete(AccountToken).where(AccountToken.expires_at <= datetime.now(UTC)))
        row = await self.session.get(AccountToken, row_id)
        if row is None or row.purpose in TELLING:
            return row
        same = select(AccountToken).filter_by(purpose=row.purpose, email=row.email).order_by(AccountToken.expires_at)
        others = [one for one in await self.session.scalars(same.with_for_update()) if one is not row]
        since, mine = row.created_at - PAUSE, (row.created_at, row.id)
        is_too_soon = any(one.created_at > since and (one.created_at, one.id) < mine for one in others)
        good = [one.id for one in others if one.token_hash]
        gone = [row.id] if is_too_soon else good[: 1 - KEPT]
        await self.session.execute(delete(AccountToken).where(AccountToken.id.in_(gone)))
        return None if is_too_soon else row

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
