"""A limit on sign-ins and registrations, counted in this process; a proxy in front should have one of its own."""

from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.users.exceptions import TooManyRequests


class AttemptLimit:
    """Count the attempts of each client on each target."""

    def __init__(self, limit: str) -> None:
        self.item: RateLimitItem = parse(limit)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(self, client: str, target: str) -> None:
        """Count one attempt; raise when there were too many."""
        if not await self.limiter.hit(self.item, client, target):
            window = await self.limiter.get_window_stats(self.item, client, target)
            wait = max(1, ceil(window.reset_time - time()))
            message = f"Too many attempts; wait {wait} seconds."
            raise TooManyRequests(message, retry_after=wait)
