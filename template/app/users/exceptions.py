"""What can go wrong with accounts."""

from typing import ClassVar

from app.auth.exceptions import Unauthenticated
from app.core.exceptions import Conflict, DomainError, Invalid, NotFound


class InvalidCredentials(Unauthenticated):
    """The account does not exist, is disabled, or the password is wrong: nobody learns which."""

    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."
    members: ClassVar = {"error": "invalid_grant"}  # as RFC 6749 calls it


class EmailTaken(Conflict):
    """There is an account with this address: registration tells, unless it answers by e-mail alone."""

    code = "email_taken"
    detail = "There is already an account with this e-mail address."


class TooManyRequests(DomainError):
    """The caller has to wait some seconds."""

    code = "too_many_requests"


class UserNotFound(NotFound):
    """There is no such account, or no more."""

    code = "user_not_found"
    detail = "There is no such account."


class SignInNotFound(NotFound):
    """The account has no sign-in with this id, or it has ended."""

    code = "session_not_found"
    detail = "There is no such session."


class WrongPassword(Invalid):
    """Somebody who is signed in did not confirm it: it may be somebody else who found the device."""

    code = "wrong_password"
    detail = "The password is wrong."
    fields = ("password",)


class CommonPassword(Invalid):
    """The new password is among the first that somebody would try."""

    code = "common_password"
    detail = "The password is among the first that somebody would try."
    fields = ("new_password",)


class LastAdministrator(Conflict):
    """Without this one, nobody could administer the accounts any more."""

    code = "last_administrator"
    detail = "There has to be another active administrator first."
