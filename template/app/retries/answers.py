"""What is kept of an answer."""

from fastapi import Response

from app.retries.models import KeptAnswer

# Where a request has the row for its answer.
KEPT = "app.retries.kept"
# The others are of one request alone, as what is left of a limit.
HEADERS = ("Content-Type", "ETag", "Location")


def keep(row: KeptAnswer, response: Response) -> None:
    """Store an answer in the transaction of its request: both are there or neither."""
    row.status, row.body = response.status_code, bytes(response.body)
    row.headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
