"""The server that all processes share, and that the application can do without."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import monotonic

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from app.core.exceptions import Unavailable

# Seconds that a request waits for the server, and for which none waits again after that.
PATIENCE, PAUSE = 0.5, 5.0
logger = logging.getLogger(__name__)


class Unreachable(Unavailable):
    """The server does not answer, or did not a moment ago."""


class SharedServer:
    """One client of the server for the whole process."""

    def __init__(self, url: str) -> None:
        # Who finds no connection free waits for one; nothing is tried twice.
        pool = BlockingConnectionPool.from_url(url, max_connections=5)
        self.client = Redis.from_pool(pool)
        self.down_until = 0.0

    @asynccontextmanager
    async def asked(self) -> AsyncGenerator[Redis]:
        """Give the client for one command, and half a second; raises `Unreachable`, for a while without asking."""
        now = monotonic()
        if now < self.down_until:
            raise Unreachable
        if self.down_until:
            self.down_until = now + PAUSE  # only one looks whether it is back
        try:
            async with asyncio.timeout(PATIENCE):
                yield self.client
        except (RedisError, TimeoutError) as error:
            self.down_until = monotonic() + PAUSE
            logger.warning("The server that all processes share does not answer: %r", error)
            raise Unreachable from error
        self.down_until = 0.0
