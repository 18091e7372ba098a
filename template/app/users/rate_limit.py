"""A limit on sign-ins and registrations, counted in this process; a proxy in front should have one of its own."""

from contextlib import suppress
from ipaddress import IPv6Address
from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.auth.events import report
from app.users.exceptions import TooManyRequests

# Many people may share an address, and one may move between many; who tries more is none of them.
MANY = 10


def network_of(client: str) -> str:
    """Return what somebody has for themselves: an IPv4 address, or all IPv6 addresses with the same first half."""
    with suppress(ValueError):
        address = IPv6Address(client)
        return str(address.ipv4_mapped or int(address) >> 64)
    return client


class AttemptLimit:
    """Count the attempts of each network on each account, and those of each network and on each account."""

    def __init__(self, limit: str) -> None:
        self.few: RateLimitItem = parse(limit)
        self.many = type(self.few)(self.few.amount * MANY, self.few.multiples)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(self, client: str, account: str) -> None:
        """Count one attempt; raise at too many. No account: a registration, which nobody can close for everybody."""
        network = network_of(client)
        counted = [(self.few, network, account), (self.many, network, ""), (self.many, "", account)]
        for limit, *key in counted if account else counted[:2]:
            if not await self.limiter.hit(limit, *key):
                report("too many attempts", account or "registration", client)
                window = await self.limiter.get_window_stats(limit, *key)
                wait = max(1, ceil(window.reset_time - time()))
                message = f"Too many attempts; wait {wait} seconds."
                raise TooManyRequests(message, retry_after=wait)
