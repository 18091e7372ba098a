"""Registration, sign-in, and the life of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from app.auth.exceptions import EmailTaken, InvalidCredentials, InvalidToken, RefreshTokenReused
from app.auth.models import User
from app.auth.passwords import Passwords
from app.auth.repository import RefreshTokenRepository, UserRepository
from app.auth.schemas import TokenPair
from app.auth.tokens import AccessTokens, hash_refresh_token, new_refresh_token


@dataclass(frozen=True)
class AuthService:
    """What can be done with accounts."""

    users: UserRepository
    refresh_tokens: RefreshTokenRepository
    passwords: Passwords
    access_tokens: AccessTokens
    refresh_lifetime: timedelta

    async def register(self, email: str, password: str) -> User:
        """Create an account; the unique constraint decides when two requests race."""
        if await self.users.by_email(email):
            raise EmailTaken
        return await self.users.add(email, await self.passwords.hash(password))

    async def login(self, email: str, password: str) -> TokenPair:
        """Exchange an address and a password for tokens, at the same cost whether the account exists or not."""
        user = await self.users.by_email(email)
        valid, stronger_hash = await self.passwords.verify(password, user.password_hash if user else None)
        if not user or not valid or not user.is_active:
            raise InvalidCredentials
        if stronger_hash:
            user.password_hash = stronger_hash
        await self.refresh_tokens.forget_expired(user.id)
        return await self.issue(user.id, family_id=uuid4())

    async def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token for new tokens, once; a second use revokes all that came from that sign-in."""
        stored = await self.refresh_tokens.by_hash(hash_refresh_token(token))
        if not stored or stored.expires_at <= datetime.now(UTC):
            raise InvalidToken
        if stored.used_at:
            await self.refresh_tokens.revoke_family(stored.family_id)
            raise RefreshTokenReused
        user = await self.users.get(stored.user_id)
        if not user or not user.is_active:
            raise InvalidToken
        stored.used_at = datetime.now(UTC)
        return await self.issue(user.id, stored.family_id)

    async def logout(self, token: str) -> None:
        """Revoke a refresh token and its family; an unknown token is already revoked."""
        stored = await self.refresh_tokens.by_hash(hash_refresh_token(token))
        if stored:
            await self.refresh_tokens.revoke_family(stored.family_id)

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return await self.users.page(limit, offset)

    async def issue(self, user_id: UUID, family_id: UUID) -> TokenPair:
        """Make an access token and the refresh token that replaces it."""
        refresh_token = new_refresh_token()
        expires_at = datetime.now(UTC) + self.refresh_lifetime
        await self.refresh_tokens.add(user_id, family_id, hash_refresh_token(refresh_token), expires_at)
        return TokenPair(
            access_token=self.access_tokens.issue(user_id),
            refresh_token=refresh_token,
            expires_in=int(self.access_tokens.lifetime.total_seconds()),
        )
