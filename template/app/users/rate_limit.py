"""A limit on sign-ins and registrations, counted in this process; a proxy in front should have one of its own."""

from array import array
from contextlib import suppress
from ipaddress import IPv6Address
from math import ceil
from time import monotonic

from app.auth.events import report
from app.users.exceptions import TooManyRequests

# Many people may share an address; who tries many accounts from there is none of them.
TARGETS = 10
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
# Whatever callers invent is counted in so many places; nobody can aim at another's, for each process hashes anew.
PLACES = 65_536


def network_of(client: str) -> str:
    """Return what somebody has for themselves: an IPv4 address, or all IPv6 addresses with the same first half."""
    with suppress(ValueError):
        address = IPv6Address(client)
        return str(address.ipv4_mapped or int(address) >> 64)
    return client


class AttemptLimit:
    """Count attempts: there are so many at once, and each comes back in its time."""

    def __init__(self, limit: str) -> None:
        amount, unit = limit.split("/")
        self.amount, self.seconds = int(amount), SECONDS[unit]
        self.all_back_at = array("d", bytes(8 * PLACES))

    def check(self, client: str, account: str) -> None:
        """Count one attempt; raise at too many. No account: a registration, which nobody can close for everybody."""
        network, many = network_of(client), self.amount * TARGETS
        keys = [(self.amount, network, account), (many, network), *([(many, "", account)] if account else [])]
        for amount, *key in keys:
            now, place = monotonic(), hash(tuple(key)) % PLACES
            all_back_at = max(now, self.all_back_at[place]) + self.seconds / amount
            wait = ceil(all_back_at - now - self.seconds - 0.001)
            if wait > 0:
                report("too many attempts", account or "registration", client)
                message = f"Too many attempts; wait {wait} seconds."
                raise TooManyRequests(message, retry_after=wait)
            self.all_back_at[place] = all_back_at
