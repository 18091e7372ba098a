"""Jobs over HTTP."""

from fastapi import APIRouter

from app.core.pagination import PageQuery
from app.core.problems import documented
from app.jobs.dependencies import JobDep, JobServiceDep
from app.jobs.models import Job
from app.jobs.schemas import JobPage, JobRead

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("")
async def list_jobs(page: PageQuery, service: JobServiceDep) -> JobPage:
    """List jobs, newest first."""
    found, total = await service.page(page.limit, page.offset)
    entries = [JobRead.model_validate(entry) for entry in found]
    return JobPage(items=entries, total=total, limit=page.limit, offset=page.offset)


@router.get("/{job_id}", response_model=JobRead, responses=documented(404))
async def read_job(job: JobDep) -> Job:
    """Return how far a job is, and what came out."""
    return job
