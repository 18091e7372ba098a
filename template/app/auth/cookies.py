"""The cookie that carries the id of a session."""

from dataclasses import dataclass

from fastapi import Response

# Browsers take a cookie with this prefix only over TLS, from this very host and for all of its paths: no page of a
# neighbouring host can plant one.
SECURE_NAME = "__Host-session"


@dataclass(frozen=True)
class SessionCookie:
    """How the cookie is set. Without TLS, as in development, browsers would refuse the secure one."""

    secure: bool

    @property
    def name(self) -> str:
        """How it is called."""
        return SECURE_NAME if self.secure else "session"

    def put(self, response: Response, session_id: str) -> None:
        """Give the browser the id until it is closed.

        Strict: an API has no page that a link from elsewhere would open, so it never needs the cookie then.
        """
        response.set_cookie(self.name, session_id, secure=self.secure, httponly=True, samesite="strict")

    def remove(self, response: Response) -> None:
        """Take the id back."""
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="strict")
