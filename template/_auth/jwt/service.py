"""Sign-in, and the life of tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from app.auth.exceptions import Unauthenticated
from app.auth.repository import RefreshTokenRepository
from app.auth.schemas import TokenPair
from app.auth.tokens import AccessTokens, hash_refresh_token, new_refresh_token
from app.users.service import UserService


class RefreshTokenReused(Unauthenticated):
    """A refresh token came a second time: one of the two senders stole it."""


@dataclass(frozen=True)
class AuthService:
    """What can be done with tokens."""

    users: UserService
    refresh_tokens: RefreshTokenRepository
    access_tokens: AccessTokens
    refresh_lifetime: timedelta

    async def login(self, email: str, password: str) -> TokenPair:
        """Exchange an address and a password for tokens."""
        user = await self.users.authenticate(email, password)
        await self.refresh_tokens.forget_expired(user.id)
        return await self.issue(user.id, family_id=uuid4())

    async def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token for new tokens, once; a second use revokes all that came from that sign-in."""
        stored = await self.refresh_tokens.by_hash(hash_refresh_token(token))
        if not stored or stored.expires_at <= datetime.now(UTC):
            raise Unauthenticated
        if stored.used_at:
            await self.refresh_tokens.revoke_family(stored.family_id)
            raise RefreshTokenReused
        user = await self.users.active(stored.user_id)
        if not user:
            raise Unauthenticated
        stored.used_at = datetime.now(UTC)
        return await self.issue(user.id, stored.family_id)

    async def logout(self, token: str) -> None:
        """Revoke a refresh token and its family; an unknown token is already revoked."""
        stored = await self.refresh_tokens.by_hash(hash_refresh_token(token))
        if stored:
            await self.refresh_tokens.revoke_family(stored.family_id)

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
