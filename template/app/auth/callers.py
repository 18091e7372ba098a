"""Who calls, and what their key lets them do."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key allows."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """A client with a valid key; `id` is its name, so that what it owns stays its own when the key is replaced."""

    id: str
    scopes: frozenset[Scope]

    @property
    def is_admin(self) -> bool:
        """Whether the client reaches what belongs to others."""
        return Scope.ADMIN in self.scopes
