"""Events of jobs over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.core.problems import documented
from app.jobs.dependencies import JobDep
from app.jobs.events.dependencies import FollowingDep
from app.jobs.models import ENDED
from app.jobs.schemas import JobRead

DATA = {"contentMediaType": "application/json", "contentSchema": {"$ref": f"#/components/schemas/{JobRead.__name__}"}}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"itemSchema": {"properties": {"data": DATA}}}}}
}
router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    response_model=JobRead,
    responses=EVENTS | documented(404),
)
async def follow_job(job: JobDep, following: FollowingDep) -> AsyncIterator[ServerSentEvent]:
    """Tell how far a job is, each time that it changes.

    The events are `progress`, and at last `end`; without it, ask again, with the last `id` as `Last-Event-ID`.
    """
    async for now in following(job.id):
        name = "end" if now.state in ENDED else "progress"
        event_id = now.updated_at.isoformat()
        yield ServerSentEvent(event=name, id=event_id, retry=1000, data=JobRead.model_validate(now))
