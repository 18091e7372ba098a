"""How bearer tokens are refused (RFC 6750): a client that sent one learns that it needs another."""

from app.auth.exceptions import Unauthenticated


class InvalidToken(Unauthenticated):
    """A token was sent, and is not good, or not any more."""


BEARER = {Unauthenticated: "Bearer", InvalidToken: 'Bearer error="invalid_token"'}
