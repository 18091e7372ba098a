"""What workers send."""

from uuid import UUID

from app.jobs.queue import Work, task
from app.mail.letters import letters_from


@task("mail.send")
async def send_letter(work: Work, row_id: str) -> None:
    """Send one mail; the queue knows nothing of its token."""
    await letters_from(work.settings, work.sessions).send(UUID(row_id))
