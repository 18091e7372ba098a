"""What clients get about jobs."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import Field, JsonValue

from app.core.pagination import CountedPage
from app.core.schemas import ReadSchema, UtcDatetime
from app.jobs.models import JobState

Result = Mapping[str, JsonValue]


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
