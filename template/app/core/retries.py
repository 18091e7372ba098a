"""Requests that clients send again because they do not know what became of them: the key that says so."""

from typing import Annotated

from fastapi import Header

from app.core.exceptions import Invalid

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="Names this request: with the same one, it can be sent again, and is done once.",
    ),
]


class KeyReused(Invalid):
    """A key names one request, and cannot be that of another."""

    code = "key_reused"
    detail = "This Idempotency-Key belongs to another request."
