"""What can go wrong with accounts."""

from app.auth.exceptions import Unauthenticated
from app.core.exceptions import Conflict, DomainError


class InvalidCredentials(Unauthenticated):
    """The account does not exist, is disabled, or the password is wrong: nobody learns which."""

    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."


class EmailTaken(Conflict):
    """There is an account with this address: registration tells, unless it answers by e-mail alone."""

    code = "email_taken"
    detail = "There is already an account with this e-mail address."


class TooManyRequests(DomainError):
    """The caller has to wait some seconds."""

    code = "too_many_requests"
