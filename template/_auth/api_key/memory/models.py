"""The keys that are accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.auth.callers import Scope


@dataclass(frozen=True)
class ApiKey:
    """A key of a client, without what makes it a secret."""

    id: UUID
    client: str
    scopes: Sequence[Scope]
    last_date: date
    key_hash: str = field(repr=False)
