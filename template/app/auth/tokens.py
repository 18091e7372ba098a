"""Access tokens (signed, short-lived) and refresh tokens (random, stored as a hash)."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

ALGORITHM = "HS256"
REQUIRED_CLAIMS = ["exp", "iat", "sub", "iss", "aud"]


@dataclass(frozen=True)
class AccessTokens:
    """Issue and read the tokens of one issuer for one audience."""

    secret_key: str = field(repr=False)
    issuer: str
    audience: str
    lifetime: timedelta

    def issue(self, user_id: UUID) -> str:
        """Sign a token that says who the caller is; what they may do is looked up at each request."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self.secret_key, ALGORITHM)

    def read(self, token: str) -> UUID:
        """Return whose token it is; raises `jwt.InvalidTokenError` or `ValueError` for any other token."""
        claims = jwt.decode(
            token,
            self.secret_key,
            algorithms=[ALGORITHM],
            audience=self.audience,
            issuer=self.issuer,
            options={"require": REQUIRED_CLAIMS},
        )
        return UUID(claims["sub"])


def new_refresh_token() -> str:
    """Make a token with 256 bits of chance, 43 characters long."""
    return secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()
