"""How the errors of sign-in become responses."""

from collections.abc import Mapping

from fastapi import FastAPI, status

from app.auth.exceptions import Forbidden, TooManyRequests, Unauthenticated
from app.core.problems import add_domain_error


def challenge(_error: Unauthenticated) -> Mapping[str, str]:
    """Say which credentials are asked for."""
    return {"WWW-Authenticate": "Bearer"}


def retry_after(error: TooManyRequests) -> Mapping[str, str]:
    """Say when to come back."""
    return {"Retry-After": str(error.retry_after)}


def register_auth_errors(app: FastAPI) -> None:
    """Install the handlers of all kinds of errors that sign-in adds."""
    add_domain_error(app, Unauthenticated, status.HTTP_401_UNAUTHORIZED, challenge)
    add_domain_error(app, Forbidden, status.HTTP_403_FORBIDDEN)
    add_domain_error(app, TooManyRequests, status.HTTP_429_TOO_MANY_REQUESTS, retry_after)
