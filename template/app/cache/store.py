"""What was expensive to read, kept for a while: how old it can get is bounded by its lifetime alone."""

from contextlib import suppress
from dataclasses import dataclass

from app.cache.server import SharedServer, Unreachable


@dataclass(frozen=True)
class Cache:
    """Bytes under keys; a server that does not answer is one that has nothing."""

    server: SharedServer
    prefix: str
    seconds: int

    async def get(self, key: str) -> bytes | None:
        """Return what was put there, if it is still kept."""
        try:
            async with self.server.asked() as client:
                found = await client.get(self.prefix + key)
        except Unreachable:
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes) -> None:
        """Keep it for its lifetime."""
        with suppress(Unreachable):
            async with self.server.asked() as client:
                await client.set(self.prefix + key, value, ex=self.seconds)
