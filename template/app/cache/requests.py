"""A limit on the requests of each caller, and what every answer says of it (draft-ietf-httpapi-ratelimit-headers)."""

from dataclasses import dataclass
from math import ceil
from time import time

from fastapi import FastAPI, status
from limits import RateLimitItem
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.exceptions import DomainError
from app.core.problems import add_domain_error

FIELDS = "rate_limit_fields"


class TooManyCalls(DomainError):
    """The caller has to wait some seconds before it asks for anything."""

    code = "rate_limited"


@dataclass(frozen=True)
class RequestLimit:
    """How many requests there may be of one caller."""

    limit: RateLimitItem
    limiter: MovingWindowRateLimiter

    async def count(self, scope: Scope, caller: str) -> None:
        """Count one request, and note what is left; raise at too many."""
        allowed = await self.limiter.hit(self.limit, "requests", caller)
        window = await self.limiter.get_window_stats(self.limit, "requests", caller)
        wait = max(1, ceil(window.reset_time - time()))
        scope[FIELDS]["RateLimit-Policy"] = f'"requests";q={self.limit.amount};w={self.limit.get_expiry()}'
        scope[FIELDS]["RateLimit"] = f'"requests";r={window.remaining};t={wait}'
        if not allowed:
            message = f"Too many requests; wait {wait} seconds."
            raise TooManyCalls(message, retry_after=wait)


@dataclass
class RateLimitMiddleware:
    """Send what was noted with the answer, whatever that is."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        noted: dict[str, str] = {}

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(noted)
            await send(message)

        scope[FIELDS] = noted
        await self.app(scope, receive, send_with_fields)


def register_request_limit(app: FastAPI) -> None:
    """Install what sends the fields, and the answer to too many requests."""
    add_domain_error(app, TooManyCalls, status.HTTP_429_TOO_MANY_REQUESTS)
    app.add_middleware(RateLimitMiddleware)
