"""Who is calling, and may they: what every protected route depends on."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyHeader

from app.auth.callers import Caller, Scope
from app.auth.events import client_of
from app.auth.exceptions import Forbidden, Unauthenticated
from app.auth.service import KeyService
from app.auth.storage import KeysDep

HEADER = "X-API-Key"
CHALLENGES = {Unauthenticated: f'APIKey in="header", name="{HEADER}"'}
READING = frozenset({"GET", "HEAD"})
api_key = APIKeyHeader(
    name=HEADER,
    description="A key with the scope `read` to read, `write` to change; with `admin` also what belongs to others.",
    auto_error=False,
)


async def get_key_service(keys: KeysDep) -> KeyService:
    """Put the service together."""
    return KeyService(keys)


KeyServiceDep = Annotated[KeyService, Depends(get_key_service)]


async def get_caller(
    request: HTTPConnection, key: Annotated[str | None, Depends(api_key)], service: KeyServiceDep
) -> Caller:
    """Return the client behind the key; of two keys nobody could say which one counts."""
    if key is None or len(request.headers.getlist(HEADER)) > 1:
        raise Unauthenticated
    return await service.authenticate(key, client_of(request))


CurrentCaller = Annotated[Caller, Depends(get_caller)]


def require(scope: Scope, *, to_read: Scope | None = None) -> Callable[[HTTPConnection, Caller], Awaitable[None]]:
    """Make a dependency that lets only callers with this scope pass; `to_read` is enough where nothing changes."""

    async def check_scope(request: HTTPConnection, caller: CurrentCaller) -> None:
        needed = to_read if to_read and request.scope.get("method") in READING else scope
        if needed not in caller.scopes:
            raise Forbidden

    return check_scope


check_scope = require(Scope.WRITE, to_read=Scope.READ)
