"""Domain errors: what can go wrong, in the terms of the application.

Services and repositories raise these and know nothing of HTTP; `app.core.problems` turns each kind into a response.
"""

from typing import ClassVar


class DomainError(Exception):
    """A request that cannot be fulfilled; `detail` is a sentence that is safe to show to the client."""

    code: ClassVar[str]
    detail: str

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail or self.detail


class Invalid(DomainError):
    """The input is well formed, but breaks a rule of the domain."""

    code = "invalid"


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it."""

    code = "not_found"


class Conflict(DomainError):
    """The request contradicts the present state, such as a name that is taken."""

    code = "conflict"
