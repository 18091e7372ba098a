"""Sign-in, and the life of sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.auth.exceptions import Unauthenticated
from app.auth.models import UserSession
from app.auth.repository import UserSessionRepository
from app.users.models import User
from app.users.service import UserService

# A use is noted at most this often, so that almost no request that reads has to write.
NOTED_EVERY = timedelta(minutes=1)


def hash_id(session_id: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(session_id.encode()).hexdigest()


@dataclass(frozen=True)
class AuthService:
    """What can be done with sessions."""

    users: UserService
    sessions: UserSessionRepository
    idle: timedelta
    lifetime: timedelta

    async def login(self, email: str, password: str, *, replaced_id: str) -> tuple[User, str]:
        """Return the account and the id of its new session; the one that the browser had ends, whoever began it."""
        user = await self.users.authenticate(email, password)
        await self.logout(replaced_id)
        session_id = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        await self.sessions.add(user.id, hash_id(session_id), used_at=now, expires_at=now + self.lifetime)
        await self.sessions.forget_unused(now - self.idle)
        return user, session_id

    async def resume(self, session_id: str) -> UserSession:
        """Return the session with this id while it and its account are good."""
        session = await self.sessions.by_hash(hash_id(session_id)) if session_id else None
        now = datetime.now(UTC)
        if not session or session.expires_at <= now or session.used_at <= now - self.idle:
            raise Unauthenticated
        if not await self.users.active(session.user_id):
            raise Unauthenticated
        return session

    async def logout(self, session_id: str) -> None:
        """End a session; an unknown one has already ended."""
        await self.sessions.end(hash_id(session_id))

    async def logout_everywhere(self, user: User) -> None:
        """End every session of an account."""
        await self.sessions.end_all(user.id)


def is_to_be_noted(session: UserSession) -> bool:
    """Tell whether the last use that is known is some time ago."""
    return session.used_at <= datetime.now(UTC) - NOTED_EVERY


async def note_use(sessionmaker: async_sessionmaker[AsyncSession], session_id: UUID) -> None:
    """Write that a session is used, in a transaction of its own: the request's may be read-only, or fail."""
    async with sessionmaker.begin() as session:
        await UserSessionRepository(session).use(session_id, datetime.now(UTC))
