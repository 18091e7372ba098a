"""What can go wrong with items."""

from app.core.exceptions import Invalid, NotFound


class ItemNotFound(NotFound):
    """There is no such item, or it belongs to somebody else."""

    code = "item_not_found"
    detail = "There is no such item."


class InvalidPeriod(Invalid):
    """The change would make the offer end before it starts."""

    code = "invalid_period"
    detail = "starts_at must be before ends_at."
