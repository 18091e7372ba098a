"""Domain errors: what can go wrong, in the terms of the application.

Services and repositories raise these and know nothing of HTTP; `app.core.problems` turns each kind into a response.
"""

from typing import ClassVar


class DomainError(Exception):
    """A request that cannot be fulfilled; `detail` is safe to show, `fields` of what was sent are the cause."""

    code: ClassVar[str]
    members: ClassVar[dict[str, str]] = {}  # what the problem has beside those of all problems
    detail: str
    fields: tuple[str, ...] = ()
    retry_after: int = 0  # seconds

    def __init__(self, detail: str = "", *, fields: tuple[str, ...] = (), retry_after: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail or self.detail
        self.fields = fields or self.fields
        self.retry_after = retry_after or self.retry_after


class Invalid(DomainError):
    """The input is well formed, but breaks a rule of the domain."""

    code = "invalid"


class InvalidCursor(Invalid):
    """What was sent as `after` is no `next` of this list in this order."""

    code = "invalid_cursor"
    detail = "This list has no such place in this order; begin with its first page."
    fields = ("after",)


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it."""

    code = "not_found"


class Conflict(DomainError):
    """The request contradicts the present state, such as a name that is taken."""

    code = "conflict"


class Changed(DomainError):
    """The request was meant for another version of it: whoever made that would be overruled unseen."""

    code = "changed"
    detail = "It has changed since you have read it; read it again."


class VersionMissing(DomainError):
    """The request does not say for which version it is meant, as all have to."""

    code = "version_missing"
    detail = "Send the ETag of what you have read as If-Match."


class Unavailable(DomainError):
    """What the request needs does not serve it now, but may soon."""

    code = "unavailable"
    detail = "The service cannot answer this now; try again later."
    retry_after = 2
