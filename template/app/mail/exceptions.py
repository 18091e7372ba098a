"""What can go wrong with what was mailed."""

from app.core.exceptions import Invalid


class TokenRefused(Invalid):
    """It was used, is too old, is for something else, or never was: nobody learns which."""

    code = "token_refused"
    detail = "This token is not good, or not any more; ask for another mail."
    fields = ("token",)
