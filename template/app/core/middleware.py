"""Pure ASGI middleware: one call deep, no task per request, no buffering."""

import logging
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, status
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import request_id
from app.core.problems import problem_response

HEALTH_PATHS = frozenset({"/health", "/health/ready"})
VALID_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
ALLOWED_HEADERS = ("Content-Type", "If-Match", "If-None-Match", "X-Request-ID")
access_log = logging.getLogger("app.access")


def route_template(scope: MutableMapping[str, Any]) -> str:
    """Return the path of the matched route with its placeholders, as `/api/v1/orders/{order_id}`."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    route = context or scope.get("route")
    return str(getattr(route, "path", "unmatched"))


def path_of(scope: Scope) -> str:
    """Return the path as the routes know it, without what a proxy took off."""
    return str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))


@dataclass
class RequestContextMiddleware:
    """Give each request an id, time it, and write one access record; answer HEAD like GET."""

    app: ASGIApp
    tells_time: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, method = perf_counter(), scope["method"]
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope  # the server leaves out the body
        sent = Headers(scope=scope).get("x-request-id", "")
        identifier = sent if VALID_REQUEST_ID.fullmatch(sent) else uuid4().hex
        request_id.set(identifier)
        status_code = status.HTTP_500_INTERNAL_SERVER_ERROR

        async def send_with_context(message: Message) -> None:
            nonlocal status_code
            if message["type"] == "http.response.start":
                status_code = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = identifier
                if self.tells_time:
                    headers["Server-Timing"] = f"app;dur={(perf_counter() - started) * 1000:.1f}"
            await send(message)

        try:
            await self.app(inner, receive, send_with_context)
        finally:
            if path_of(scope) not in HEALTH_PATHS:
                log_access({**inner, "method": method}, status_code, (perf_counter() - started) * 1000)


def log_access(scope: Scope, status_code: int, milliseconds: float) -> None:
    """Write the access record: the route, never the query string, which may hold personal data."""
    level = logging.ERROR if status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR else logging.INFO
    route = route_template(scope)
    details = {
        "method": scope["method"],
        "route": route,
        "status": status_code,
        "duration_ms": round(milliseconds, 1),
    }
    access_log.log(level, "%s %s %d", scope["method"], route, status_code, extra=details)


@dataclass
class UnhandledErrorMiddleware:
    """Answer an unexpected error with a problem that tells nothing, and raise it on for the server's log."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if not started:
                message = "The server failed; the request id leads to the cause in its log."
                response = PlainTextResponse(message, status.HTTP_500_INTERNAL_SERVER_ERROR)
                await response(scope, receive, send)
            raise


class BodyLimitMiddleware(RequestBodyLimitMiddleware):
    """Refuse a body that announces itself as too large, before anything runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if length.isdecimal() and int(length) > self.max_body_size:
            message = f"The body may have at most {self.max_body_size} bytes."
            await PlainTextResponse(message, status.HTTP_413_CONTENT_TOO_LARGE)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@dataclass
class AnswersMiddleware:
    """Give answers the headers of an API, but HSTS, which is the proxy's, and make problems of errors in plain text."""

    app: ASGIApp
    private_prefix: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: Message | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                if path_of(scope).startswith(self.private_prefix):
                    headers.setdefault("Cache-Control", "no-store")
                if message["status"] >= 400 and headers.get("Content-Type", "").startswith("text/plain"):
                    refusal = message
                    return
            elif refusal:
                problem = problem_response(scope["path"], refusal["status"], detail=message["body"].decode())
                MutableHeaders(scope=refusal).update(problem.headers)
                await send(refusal)
                refusal, message["body"] = None, problem.body
            await send(message)

        await self.app(scope, receive, send_with_headers)


class TrustedHostsMiddleware(TrustedHostMiddleware):
    """Refuse foreign Host headers; health probes come by address, so they pass."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner = self.app if path_of(scope) in HEALTH_PATHS else super().__call__
        await inner(scope, receive, send)


def add_middleware(
    app: FastAPI,
    *,
    tells_time: bool,
    max_body_size: int,
    allowed_hosts: Sequence[str],
    cors_origins: str,
    cors_headers: Sequence[str],
    cors_credentials: bool,
) -> None:
    """Install the middleware. The last one added is the outermost.

    CORS is outside everything that may answer, so that a browser may read errors; what never answers is further out.
    """
    app.add_middleware(UnhandledErrorMiddleware)
    app.add_middleware(BodyLimitMiddleware, max_body_size=max_body_size)
    if allowed_hosts:
        app.add_middleware(TrustedHostsMiddleware, allowed_hosts=allowed_hosts)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origin_regex=cors_origins,
            allow_credentials=cors_credentials,
            allow_methods=["*"],  # the routes know better
            allow_headers=[*cors_headers, *ALLOWED_HEADERS],
            expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(AnswersMiddleware, private_prefix="/api/")
    app.add_middleware(RequestContextMiddleware, tells_time=tells_time)
