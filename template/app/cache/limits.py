"""Counts of all processes together."""

from typing import Any

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

from app.cache.server import SharedServer, Unreachable


class SharedLimiter(MovingWindowRateLimiter):
    """Counts in all processes, or, while that is impossible, in this one."""

    def __init__(self, server: SharedServer, prefix: str) -> None:
        options: dict[str, Any] = {"connection_pool": server.client.connection_pool}
        # An address that does not begin so would silently take the client of another package.
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix=prefix, **options)
        super().__init__(storage)
        self.server = server
        self.own = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        try:
            async with self.server.asked():
                return await super().hit(item, *identifiers, cost=cost)
        except Unreachable:
            return await self.own.hit(item, *identifiers, cost=cost)

    async def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        try:
            async with self.server.asked():
                return await super().get_window_stats(item, *identifiers)
        except Unreachable:
            return await self.own.get_window_stats(item, *identifiers)
