"""Routes of resources: where they create, a request with a key can be sent again."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Depends, Request, Response, status
from fastapi.routing import APIRoute

from app.retries.answers import KEPT, keep
from app.retries.dependencies import take_key
from app.retries.exceptions import AlreadyDone


class Repeatable(APIRoute):
    """A route that creates takes an `Idempotency-Key`, and answers the same key with what it has answered before."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - all that a route can have
        if options.get("status_code") == status.HTTP_201_CREATED:
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(take_key)]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Keep the answer while the transaction of the request is open, before it is sent."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except AlreadyDone as done:
                return Response(done.body, done.status, done.headers)
            if KEPT in request.scope:
                keep(request.scope[KEPT], response)
            return response

        return answer
