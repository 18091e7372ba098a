"""A limit on sign-ins and registrations, counted in this process; a proxy in front should have one of its own."""

from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.users.exceptions import TooManyRequests

# Many people may share an address; who tries many accounts from there is none of them.
TARGETS = 10


class AttemptLimit:
    """Count the attempts of each client, on each target and on all of them."""

    def __init__(self, limit: str) -> None:
        each: RateLimitItem = parse(limit)
        self.each = each
        self.all = type(each)(each.amount * TARGETS, each.multiples)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(self, client: str, target: str) -> None:
        """Count one attempt; raise when there were too many."""
        for limit, *key in ((self.each, client, target), (self.all, client)):
            if not await self.limiter.hit(limit, *key):
                window = await self.limiter.get_window_stats(limit, *key)
                wait = max(1, ceil(window.reset_time - time()))
                message = f"Too many attempts; wait {wait} seconds."
                raise TooManyRequests(message, retry_after=wait)
