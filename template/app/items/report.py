"""What a report says of prices. Another process reads this alone: what is imported here, it imports too."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median


def summarise(prices: Sequence[Decimal]) -> dict[str, int | str]:
    """Return how many prices there are, their sum, and what lies in the middle."""
    middle = median(prices) if prices else Decimal(0)
    return {"count": len(prices), "total": str(sum(prices, Decimal(0))), "median": str(middle)}
