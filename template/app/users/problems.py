"""How the errors of accounts become responses."""

from fastapi import FastAPI, status

from app.core.problems import add_domain_error
from app.users.exceptions import TooManyRequests


def register_user_errors(app: FastAPI) -> None:
    """Install the handlers of the kinds of errors that accounts add."""
    add_domain_error(app, TooManyRequests, status.HTTP_429_TOO_MANY_REQUESTS)
