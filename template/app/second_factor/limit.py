"""How many codes may be guessed."""

from math import ceil
from time import time

from limits import parse
from limits.aio.strategies import MovingWindowRateLimiter

from app.auth.events import report
from app.users.exceptions import TooManyRequests
from app.users.models import User

WRONG = parse("10/day")


class CodeLimit:
    """Count the wrong codes of an app, which only somebody can send who knows the password of the account.

    Three of a million codes are right at a time. Whoever sends ten a day, from anywhere, finds one within a year in one
    of 90 cases, and leaves 3,650 lines in the log. Codes to recover with are not counted: nobody can guess them, and
    they let the owner in meanwhile.
    """

    def __init__(self, limiter: MovingWindowRateLimiter) -> None:
        self.limiter = limiter

    async def check(self, user: User, client: str) -> None:
        """Raise after too many wrong codes. Who asks has locked the account, or several could pass at once."""
        window = await self.limiter.get_window_stats(WRONG, "second factor", str(user.id))
        if window.remaining <= 0:
            report("too many codes", user.email, client)
            wait = max(1, ceil(window.reset_time - time()))
            message = f"Too many wrong codes; wait {wait} seconds, or use a code to recover with."
            raise TooManyRequests(message, retry_after=wait)

    async def forget(self, user: User) -> None:
        """Begin anew, with another secret."""
        await self.limiter.clear(WRONG, "second factor", str(user.id))

    async def count(self, user: User) -> None:
        """Count a wrong code."""
        await self.limiter.hit(WRONG, "second factor", str(user.id))
