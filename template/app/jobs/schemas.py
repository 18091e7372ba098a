"""What clients get about jobs, and what they may send with a request for one."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import Field, JsonValue

from app.core.pagination import CountedPage
from app.core.schemas import ReadSchema, UtcDatetime
from app.jobs.models import JobState

Result = Mapping[str, JsonValue]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255, pattern="^[!-~]+$")]


class JobRead(ReadSchema):
    """A job."""

    id: UUID
    kind: str = Field(examples=["items.report"])
    state: JobState
    progress: int = Field(ge=0, le=100)
    """In percent."""
    result: dict[str, JsonValue] | None
    """What came out, once it is done."""
    error: str | None
    """Why it failed."""
    created_at: UtcDatetime
    updated_at: UtcDatetime


class JobPage(CountedPage):
    """Part of the jobs."""

    items: list[JobRead]
