"""Access tokens (signed, short-lived) and refresh tokens (a sign-in and a secret, stored as a hash)."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

ALGORITHM = "HS256"
# Seconds by which the clocks of two machines may differ.
LEEWAY = 10
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
            leeway=LEEWAY,
            options={"require": REQUIRED_CLAIMS},
        )
        return UUID(claims["sub"])


def new_refresh_token(sign_in_id: UUID) -> str:
    """Make a token that begins with its sign-in, followed by 256 bits of chance."""
    return f"{sign_in_id.hex}{secrets.token_urlsafe(32)}"


def hash_refresh_token(token: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()
