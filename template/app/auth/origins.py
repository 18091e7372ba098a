"""Requests that pages of other origins make in the name of their visitor (CSRF), to whom the browser adds the cookie.

Browsers say where a request comes from, and no page can change that: `Sec-Fetch-Site`, in old browsers `Origin` alone.
This needs no token, so it holds for the sign-in, too.
"""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, status
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.problems import documented, problem_response
from app.database.session import SAFE_METHODS


def is_foreign(headers: Headers, trusted_origins: str) -> bool:
    """Tell whether a page of another origin sent this; a client that says nothing is no browser."""
    origin = headers.get("origin", "")
    if origin and re.fullmatch(trusted_origins, origin):
        return False
    site = headers.get("sec-fetch-site")
    if site:
        return site not in {"same-origin", "none"}
    return bool(origin) and origin.partition("://")[2] != headers.get("host")


@dataclass
class ForeignOriginMiddleware:
    """Refuse every request from a foreign page that might change something."""

    app: ASGIApp
    trusted_origins: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.app
        unsafe = scope["type"] != "lifespan" and scope.get("method") not in SAFE_METHODS
        if unsafe and is_foreign(Headers(scope=scope), self.trusted_origins):
            answer = problem_response(
                scope["path"],
                status.HTTP_403_FORBIDDEN,
                code="foreign_origin",
                detail="Pages of this origin may not do that.",
            )
        await answer(scope, receive, send)


def refuse_foreign_origins(app: FastAPI, trusted_origins: str) -> None:
    """Install the middleware, and document what it answers."""
    app.add_middleware(ForeignOriginMiddleware, trusted_origins=trusted_origins)
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()  # the same object at each call
        for operations in document["paths"].values():
            for method, operation in operations.items():
                if method.upper() not in SAFE_METHODS and "403" not in operation["responses"]:
                    operation["responses"]["403"] = documented(403)[403]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
