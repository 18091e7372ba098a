"""Codes of an authenticator app (TOTP, RFC 6238), and those to recover with."""

import hashlib
import re
import secrets
from base64 import b32encode
from hmac import compare_digest
from time import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS, SECONDS = 6, 30
RECOVERY_CODES = 10


def new_secret() -> bytes:
    """Make what an app and the application share: as long as the hashes made of it (RFC 4226, 4)."""
    return secrets.token_bytes(20)


def authenticator(secret: bytes) -> TOTP:
    """Return what computes the codes of this secret, as all apps do."""
    return TOTP(secret, DIGITS, SHA1(), SECONDS)  # noqa: S303 - what is weak about SHA-1 does not matter in an HMAC


def plain(code: str) -> str:
    """Return a code without what makes it readable."""
    return re.sub("[ -]", "", code).lower()


def is_of_app(code: str) -> bool:
    """Tell whether it is to be one of an app, and not one to recover with."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def step_of(secret: bytes, code: str) -> int | None:
    """Return in which step an app shows this code: now, or one before or after, for clocks differ (RFC 6238, 5.2)."""
    app, now = authenticator(secret), int(time()) // SECONDS
    shown = [step for step in range(now - 1, now + 2) if compare_digest(app.generate(step * SECONDS), code.encode())]
    return max(shown, default=None)


def new_recovery_codes() -> list[str]:
    """Make codes of 120 bits of chance, in groups of four letters and digits."""
    codes = [b32encode(secrets.token_bytes(15)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(re.findall("....", code)) for code in codes]


def hash_code(code: str) -> str:
    """Return what is stored: a fast hash suffices from 112 bits of chance on (ASVS 6.5.2)."""
    return hashlib.sha256(plain(code).encode()).hexdigest()
