"""What can go wrong with requests that are sent again."""

from collections.abc import Mapping

from app.core.exceptions import Conflict


class AlreadyDone(Conflict):
    """The request was done before: this is its answer."""

    code = "already_done"
    detail = "This request was done before."

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__()
        self.status, self.headers, self.body = status, headers, body
