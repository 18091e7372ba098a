"""What can go wrong with credentials; the texts are the same for every cause, so that they reveal nothing."""

from app.core.exceptions import DomainError


class Unauthenticated(DomainError):
    """The caller did not prove who they are."""

    code = "unauthenticated"
    detail = "Credentials are missing, or not valid any more."


class Forbidden(DomainError):
    """The caller is known, but may not do this."""

    code = "forbidden"
    detail = "These credentials do not allow that."
