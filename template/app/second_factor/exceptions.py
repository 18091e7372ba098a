"""What can go wrong with the second factor."""

from typing import ClassVar

from app.auth.exceptions import Unauthenticated
from app.core.exceptions import Conflict, Invalid, NotFound


class SecondFactorRequired(Unauthenticated):
    """The password is right, and a code has to be sent with it."""

    code = "second_factor_required"
    detail = "This account also needs a code of its authenticator app, or one to recover with."
    members: ClassVar = {"error": "invalid_grant"}


class SecondFactorRefused(Unauthenticated):
    """The password is right; the code is not, or was used."""

    code = "second_factor_refused"
    detail = "The code is wrong, or was used before."
    members: ClassVar = {"error": "invalid_grant"}


class WrongCode(Invalid):
    """Somebody who is signed in sent a code that is wrong, or was used."""

    code = "wrong_code"
    detail = "The code is wrong, or was used before."
    fields = ("code",)


class SecondFactorNotFound(NotFound):
    """There is none to confirm, to recover or to remove."""

    code = "second_factor_not_found"
    detail = "The account has no such second factor."


class SecondFactorActive(Conflict):
    """It was confirmed already, and has to be removed first."""

    code = "second_factor_active"
    detail = "The account has a second factor already."
