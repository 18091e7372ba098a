"""From a request to whoever sends mail: a job, in the transaction of the request."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.jobs.queue import enqueue
from app.mail.models import AccountToken
from app.mail.tasks import send_letter


class Outbox:
    """Takes what is to be sent, and lets nobody wait for it."""

    async def post(self, session: AsyncSession, row: AccountToken) -> None:
        """Have this sent after the commit, and not at all if there is none."""
        await enqueue(session, send_letter, row_id=str(row.id))


@asynccontextmanager
async def open_outbox(_settings: Settings) -> AsyncGenerator[Outbox]:
    """Open nothing: a job needs no more than the session of the request."""
    yield Outbox()
