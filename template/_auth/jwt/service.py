"""Sign-in, and the life of tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.auth.events import report
from app.auth.models import RefreshToken
from app.auth.repository import RefreshTokenRepository
from app.auth.schemas import TokenPair
from app.auth.tokens import AccessTokens, hash_refresh_token, new_refresh_token
from app.core.ids import new_id
from app.users.service import UserService


@dataclass(frozen=True)
class AuthService:
    """What can be done with tokens."""

    users: UserService
    sign_ins: RefreshTokenRepository
    access_tokens: AccessTokens
    refresh_lifetime: timedelta

    async def login(self, email: str, password: str) -> TokenPair:
        """Exchange an address and a password for tokens."""
        user = await self.users.authenticate(email, password)
        await self.sign_ins.forget_expired()
        sign_in = RefreshToken(id=new_id(), user_id=user.id, expires_at=datetime.now(UTC) + self.refresh_lifetime)
        self.sign_ins.add(sign_in)
        return self.issue(sign_in)

    async def refresh(self, token: str) -> TokenPair | None:
        """Exchange a refresh token for new tokens; what was exchanged before may be stolen, and ends the sign-in."""
        sign_in = await self.sign_ins.lock(UUID(token[:32]))
        if not sign_in or sign_in.expires_at <= datetime.now(UTC) or not await self.users.active(sign_in.user_id):
            return None
        if sign_in.token_hash != hash_refresh_token(token):
            report("refresh token reused", sign_in.user_id, self.users.client)
            await self.sign_ins.end(sign_in.id)
            return None
        return self.issue(sign_in)

    async def logout(self, token: str) -> None:
        """End the sign-in of a refresh token; an unknown one has already ended."""
        await self.sign_ins.end(UUID(token[:32]))

    def issue(self, sign_in: RefreshToken) -> TokenPair:
        """Make an access token, and the refresh token that is the only one from now on."""
        refresh_token = new_refresh_token(sign_in.id)
        sign_in.token_hash = hash_refresh_token(refresh_token)
        return TokenPair(
            access_token=self.access_tokens.issue(sign_in.user_id),
            refresh_token=refresh_token,
            expires_in=int(self.access_tokens.lifetime.total_seconds()),
        )
