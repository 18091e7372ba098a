"""Reports on items, over HTTP: a worker makes them."""

from typing import Any

from fastapi import APIRouter, Request, Response, status

from app.core.retries import IdempotencyKey
from app.core.routes import FixedPath
from app.items.tasks import make_report
from app.jobs.dependencies import JobServiceDep
from app.jobs.models import Job
from app.jobs.schemas import JobRead

SECONDS = "1"
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"headers": {name: {"schema": {"type": "string"}} for name in ("X-Request-ID", "Location", "Retry-After")}}
}
router = APIRouter(prefix="/items", tags=["items"], route_class=FixedPath)


@router.post("/reports", status_code=status.HTTP_202_ACCEPTED, response_model=JobRead, responses=ACCEPTED)
async def create_report(
    request: Request, response: Response, service: JobServiceDep, idempotency_key: IdempotencyKey = None
) -> Job:
    """Have a report made; its job tells when it is done. The same key gets the same job."""
    job = await service.start(make_report, idempotency_key)
    response.headers["Location"] = request.url_for("read_job", job_id=job.id).path
    response.headers["Retry-After"] = SECONDS
    return job
