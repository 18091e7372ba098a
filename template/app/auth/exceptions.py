"""What can go wrong at sign-in; the texts are the same for every cause, so that they reveal no account."""

from app.core.exceptions import Conflict, DomainError


class Unauthenticated(DomainError):
    """The caller did not prove who they are."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """The caller is known, but may not do this."""

    code = "forbidden"


class TooManyRequests(DomainError):
    """The caller has to wait some seconds."""

    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class InvalidCredentials(Unauthenticated):
    """The account does not exist, is disabled, or the password is wrong."""

    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."


class InvalidToken(Unauthenticated):
    """The token is malformed, expired, for somebody else, or its account is gone."""

    code = "invalid_token"
    detail = "The token is not valid."


class RefreshTokenReused(InvalidToken):
    """A refresh token came a second time: one of the two senders stole it."""


class EmailTaken(Conflict):
    """There is an account with this address."""

    code = "email_taken"
    detail = "There is already an account with this e-mail address."


class MissingRole(Forbidden):
    """The account lacks the role that the operation needs."""

    code = "missing_role"
    detail = "This account may not do that."
