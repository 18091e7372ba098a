"""What can go wrong with items."""

from app.core.exceptions import Invalid, NotFound


class ItemNotFound(NotFound):
    """There is no such item, or it belongs to somebody else."""

    code = "item_not_found"

    def __init__(self) -> None:
        """Do not say which."""
        super().__init__("There is no such item.")


class InvalidPeriod(Invalid):
    """The change would make the offer end before it starts."""

    code = "invalid_period"

    def __init__(self) -> None:
        """Say what to change."""
        super().__init__("starts_at must be before ends_at.")
