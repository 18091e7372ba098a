"""What can go wrong at sign-in; the texts are the same for every cause, so that they reveal no account."""

from app.core.exceptions import Conflict, Forbidden, NotFound, Unauthenticated


class InvalidCredentials(Unauthenticated):
    """The account does not exist, is disabled, or the password is wrong."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        """Do not say which."""
        super().__init__("The e-mail address or the password is wrong.")


class InvalidToken(Unauthenticated):
    """The token is malformed, expired, for somebody else, or its account is gone."""

    code = "invalid_token"

    def __init__(self) -> None:
        """Do not say which."""
        super().__init__("The token is not valid.")


class RefreshTokenReused(InvalidToken):
    """A refresh token came a second time: one of the two senders stole it."""


class EmailTaken(Conflict):
    """There is an account with this address."""

    code = "email_taken"

    def __init__(self) -> None:
        """Say what to change."""
        super().__init__("There is already an account with this e-mail address.")


class MissingRole(Forbidden):
    """The account lacks the role that the operation needs."""

    code = "missing_role"

    def __init__(self) -> None:
        """Do not name the role: the documentation does."""
        super().__init__("This account may not do that.")


class UserNotFound(NotFound):
    """There is no such account."""

    code = "user_not_found"

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("There is no such account.")
