"""What can go wrong with jobs."""

from app.core.exceptions import NotFound


class JobNotFound(NotFound):
    """There is no such job, or it belongs to somebody else."""

    code = "job_not_found"
    detail = "There is no such job."
