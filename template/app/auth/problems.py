"""How refused credentials become responses."""

from fastapi import FastAPI, status

from app.auth.dependencies import CHALLENGE
from app.auth.exceptions import Forbidden, Unauthenticated
from app.core.problems import add_domain_error

# Says which credentials are asked for.
CHALLENGE_HEADERS = {"WWW-Authenticate": CHALLENGE}


def register_auth_errors(app: FastAPI) -> None:
    """Install the handlers of the errors that every protected route may raise."""
    add_domain_error(app, Unauthenticated, status.HTTP_401_UNAUTHORIZED, CHALLENGE_HEADERS)
    add_domain_error(app, Forbidden, status.HTTP_403_FORBIDDEN)
