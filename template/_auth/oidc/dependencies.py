"""Who is calling, and may they: what every protected route depends on."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import jwt
from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import OpenIdConnect
from fastapi.security.utils import get_authorization_scheme_param

from app.auth.bearer import BEARER, InvalidToken
from app.auth.claims import Caller, Role
from app.auth.events import client_of, report
from app.auth.exceptions import Forbidden, Unauthenticated
from app.auth.state import AuthState

CHALLENGES = BEARER
# The address of the issuer is a setting, so `register_issuer` fills it in.
openid = OpenIdConnect(openIdConnectUrl="", auto_error=False)


async def get_caller(request: HTTPConnection, authorization: Annotated[str | None, Depends(openid)]) -> Caller:
    """Return whom the issuer's access token names."""
    state: AuthState = request.state.auth
    scheme, token = get_authorization_scheme_param(authorization)
    if scheme.lower() != "bearer":
        raise Unauthenticated
    try:
        return await state.tokens.read(token)
    except jwt.PyJWTError as error:
        # The caller learns nothing; and that a token expires, as all do, is no event.
        if not isinstance(error, jwt.ExpiredSignatureError):
            report("token refused", "unknown", client_of(request), detail=type(error).__name__)
        raise InvalidToken from error


CurrentCaller = Annotated[Caller, Depends(get_caller)]


def require(*roles: Role) -> Callable[[Caller], Awaitable[Caller]]:
    """Make a dependency that lets only callers with one of these roles pass."""

    async def check_role(caller: CurrentCaller) -> Caller:
        if caller.roles.isdisjoint(roles):
            raise Forbidden
        return caller

    return check_role


require_user = require(Role.USER)
