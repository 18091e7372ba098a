"""What a key looks like: `<prefix>_<id>_<secret>`, the secret 256 bits of chance."""

import hashlib
import re
import secrets
from uuid import UUID

KEY = re.compile(r"[a-z0-9_]{1,60}_([0-9a-f]{32})_[0-9a-f]{64}")
CLIENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
MAX_DAYS = 366


def new_key(prefix: str, key_id: UUID) -> str:
    """Make a key: the id finds what is stored of it, the prefix tells people and secret scanners what it is."""
    return f"{prefix}_{key_id.hex}_{secrets.token_hex(32)}"


def id_of(key: str) -> UUID | None:
    """Return the public part of what was sent, if it looks like a key at all."""
    match = KEY.fullmatch(key)
    return UUID(match[1]) if match else None


def hash_key(key: str) -> str:
    """Return what is stored: a fast hash suffices for a value that nobody can guess."""
    return hashlib.sha256(key.encode()).hexdigest()
