"""Access tokens (signed, short-lived) and refresh tokens (a sign-in and a secret, stored as a hash)."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from pydantic import SecretStr

ALGORITHM = "HS256"
# Seconds by which the clocks of two machines may differ.
LEEWAY = 10
REQUIRED_CLAIMS = ["exp", "iat", "sub", "iss", "aud", "sid"]


@dataclass(frozen=True)
class AccessTokens:
    """Issue and read the tokens of one issuer for one audience."""

    secret_key: SecretStr
    previous_key: SecretStr | None
    issuer: str
    audience: str
    lifetime: timedelta

    def issue(self, user_id: UUID, sign_in_id: UUID) -> str:
        """Sign a token that says who the caller is, by which sign-in; what they may do is looked up at each request."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "sid": str(sign_in_id),
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self.secret_key.get_secret_value(), ALGORITHM)

    def read(self, token: str) -> tuple[UUID, UUID]:
        """Return whose token it is, and its sign-in; raises `jwt.InvalidTokenError` or `ValueError` for any other."""
        try:
            return self.verify(token, self.secret_key)
        except jwt.InvalidSignatureError:
            if not self.previous_key:
                raise
        return self.verify(token, self.previous_key)

    def verify(self, token: str, key: SecretStr) -> tuple[UUID, UUID]:
        """Do what `read` does, with one key."""
        claims = jwt.decode(
            token,
            key.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=self.audience,
            issuer=self.issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED_CLAIMS},
        )
        return UUID(claims["sub"]), UUID(str(claims["sid"]))

    @property
    def keys(self) -> list[bytes]:
        """Return the key that is used, and the one before it."""
        return [key.get_secret_value().encode() for key in (self.secret_key, self.previous_key) if key]

    def new_refresh_token(self, sign_in_id: UUID) -> str:
        """Make a token that nobody can guess: its sign-in, and 128 bits of chance with their seal."""
        return seal(sign_in_id.hex, secrets.token_bytes(16), self.keys[0])

    def successors(self, token: str) -> list[str]:
        """Return what replaces a refresh token: by this key, and by the one before it.

        It is computed, so that a second use finds what the first one got, of which only the hash is stored; without the
        key nobody can. No access token begins with the words before the token, so neither can be made of the other.
        """
        return [seal(token[:32], hmac.digest(key, f"after: {token}".encode(), "sha256")[:16], key) for key in self.keys]

    def has_issued(self, token: str) -> bool:
        """Tell whether a refresh token was issued here, by its seal: who knows a sign-in's id can write the rest."""
        chance = urlsafe_b64decode(f"{token[32:]}=")[:16]
        return any(hmac.compare_digest(token, seal(token[:32], chance, key)) for key in self.keys)


def seal(sign_in_id: str, chance: bytes, key: bytes) -> str:
    """Make a refresh token of what only whoever has the key can put together."""
    signature = hmac.digest(key, b"refresh token: " + sign_in_id.encode() + chance, "sha256")[:16]
    return sign_in_id + urlsafe_b64encode(chance + signature).decode().rstrip("=")


def hash_refresh_token(token: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()
