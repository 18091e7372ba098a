"""What can be done with jobs."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from app.core.retries import KeyReused
from app.jobs.exceptions import JobNotFound
from app.jobs.models import Job
from app.jobs.queue import Task


class JobRepository(Protocol):
    """What the service needs of whatever stores jobs."""

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Job], int]:
        """Return some jobs, newest first, and how many there are."""

    async def get(self, job_id: UUID) -> Job | None:
        """Find a job by its id."""

    async def add(self, task: Task, key: str | None) -> Job:
        """Store and enqueue a job, or neither; or find the one that has this key already."""


class JobService:
    """The rules of jobs, whatever stores them and whoever asks."""

    def __init__(self, jobs: JobRepository) -> None:
        self.jobs = jobs

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Job], int]:
        return await self.jobs.page(limit, offset)

    async def get(self, job_id: UUID) -> Job:
        """Return a job; raises `JobNotFound`."""
        job = await self.jobs.get(job_id)
        if job is None:
            raise JobNotFound
        return job

    async def start(self, task: Task, key: str | None) -> Job:
        """Have a task done once for each key; raises `KeyReused` if the key asked for another task."""
        job = await self.jobs.add(task, key)
        if job.kind != task.name:
            raise KeyReused
        return job
