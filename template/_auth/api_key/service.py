"""Whose key it is, and what is stored of a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hmac import compare_digest
from typing import Protocol
from uuid import UUID

from app.auth.callers import Caller, Scope
from app.auth.events import report
from app.auth.exceptions import Unauthenticated
from app.auth.key_format import hash_key, id_of, new_key
from app.auth.models import ApiKey
from app.core.ids import new_id

UNKNOWN_KEY_HASH = hash_key("nobody has this key")


class KeyRepository(Protocol):
    """What the service needs of whatever stores keys."""

    async def get(self, key_id: UUID) -> ApiKey | None:
        """Find a key by its id."""

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, in a stable order."""

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""

    async def remove(self, key_id: UUID) -> bool:
        """Forget a key; false if there is none with this id."""


@dataclass(frozen=True)
class KeyService:
    """What can be done with keys."""

    keys: KeyRepository

    async def authenticate(self, key: str, client: str) -> Caller:
        """Return whose key it is; the work is the same whether a key with this id exists or not."""
        key_id = id_of(key)
        if key_id is None:
            raise Unauthenticated
        stored = await self.keys.get(key_id)
        genuine = compare_digest(hash_key(key), stored.key_hash if stored else UNKNOWN_KEY_HASH)
        if not stored or not genuine or is_expired(stored):
            # For those who run the application; the caller is not told the cause.
            reason = "unknown or revoked" if not stored else "expired" if genuine else "its secret is wrong"
            report("API key refused", key_id.hex, client, detail=reason)
            raise Unauthenticated
        return Caller(stored.client, frozenset(map(Scope, stored.scopes)))

    async def issue(self, prefix: str, client: str, scopes: Iterable[Scope], last_date: date) -> str:
        """Make a key; what is returned is stored nowhere."""
        key_id = new_id()
        key = new_key(prefix, key_id)
        stored = ApiKey(id=key_id, client=client, scopes=list(scopes), last_date=last_date, key_hash=hash_key(key))
        await self.keys.add(stored)
        return key


def is_expired(key: ApiKey) -> bool:
    """Tell whether the last day of the key is over, in UTC."""
    return key.last_date < datetime.now(UTC).date()
