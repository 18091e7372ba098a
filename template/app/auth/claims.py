"""Access tokens (RFC 9068): verified as RFC 8725 asks for, and read as a caller with roles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jwt

from app.auth.issuer import ALGORITHMS, Issuer

MAX_TOKEN_LENGTH = 16_384
LEEWAY = 10
REQUIRED_CLAIMS = ["exp", "iat", "sub", "iss", "aud"]
TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
# An ID token, which says who signed in at another application, or a logout token has one of these.
FOREIGN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})
# Keycloak says in a claim what a token is, and calls an access token this.
KINDS = TYPES | {"bearer"}
SUBJECT = re.compile(r"[!-~]{1,255}")


class Role(StrEnum):
    """What a caller may do."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """Who is calling, as the issuer says."""

    id: str
    roles: frozenset[Role]

    @property
    def is_admin(self) -> bool:
        """Whether the caller reaches what belongs to others."""
        return Role.ADMIN in self.roles


@dataclass(frozen=True)
class AccessTokens:
    """Read the tokens of one issuer for one audience; `names` are what a token must grant for each role."""

    issuer: Issuer
    audience: str
    roles_claim: str
    names: Mapping[Role, str]

    async def read(self, token: str) -> Caller:
        """Return whose token it is; raises `jwt.PyJWTError` for any other token, and what `Issuer.key` raises."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise jwt.DecodeError
        # Nothing in the header but the name of the key is used: `jku`, `jwk` and `x5u` would let the sender choose it.
        header = jwt.get_unverified_header(token)
        if str(header.get("alg")) not in ALGORITHMS or str(header.get("typ")).lower() not in TYPES:
            raise jwt.InvalidAlgorithmError
        key = await self.issuer.key(str(header.get("kid")))
        if key is None:
            raise jwt.InvalidKeyError
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self.audience,
            issuer=self.issuer.url,
            leeway=LEEWAY,
            options={"require": REQUIRED_CLAIMS, "enforce_minimum_key_length": True},
        )
        # With `cnf` it counts only from whoever proves to have a key (RFC 9449, RFC 8705), which a bearer does not.
        if "cnf" in claims or str(claims.get("typ", "bearer")).lower() not in KINDS:
            raise jwt.InvalidTokenError
        if not FOREIGN_CLAIMS.isdisjoint(claims) or not SUBJECT.fullmatch(claims["sub"]):
            raise jwt.InvalidTokenError
        granted = words(claims.get("scope")) | words(claims.get("scp")) | words(claim(claims, self.roles_claim))
        return Caller(claims["sub"], frozenset(role for role, name in self.names.items() if name in granted))


def claim(claims: Mapping[str, Any], path: str) -> object:
    """Return a claim by its name, or by the names that lead to it: `realm_access.roles`."""
    found: object = claims
    for name in [path] if path in claims else path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def words(value: object) -> set[str]:
    """Read what issuers write either as a list or as words in one string."""
    if isinstance(value, str):
        return set(value.split())
    return {word for word in value if isinstance(word, str)} if isinstance(value, list) else set()
