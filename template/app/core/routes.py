"""Routes whose path could be that of an entry, as `/users/me` could be one of `/users/{user_id}`."""

from fastapi import Response, status
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.core.problems import problem_response


class FixedPath(APIRoute):
    """A route that has its path for itself: no other method there is taken for one of an entry with this id."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say yes to all methods, so that no later route is asked."""
        match, found = super().matches(scope)
        return Match.FULL if match == Match.PARTIAL else match, found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the methods of the route, and tell the others which those are."""
        methods = self.methods or set()
        if scope["method"] in methods:
            await super().handle(scope, receive, send)
            return
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        headers = {"Allow": ", ".join(sorted(allowed))}
        if scope["method"] == "OPTIONS":
            answer = Response(status_code=status.HTTP_204_NO_CONTENT, headers=headers)
        else:
            code, detail = status.HTTP_405_METHOD_NOT_ALLOWED, "Method Not Allowed"
            answer = problem_response(scope["path"], code, detail=detail, headers=headers)
        await answer(scope, receive, send)
