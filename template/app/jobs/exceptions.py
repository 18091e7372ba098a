"""What can go wrong with jobs."""

from app.core.exceptions import Conflict, NotFound


class JobNotFound(NotFound):
    """There is no such job, or it belongs to somebody else."""

    code = "job_not_found"
    detail = "There is no such job."


class KeyReused(Conflict):
    """A key names one job, and cannot ask for a job of another kind."""

    code = "key_reused"
    detail = "This Idempotency-Key belongs to a job of another kind."
