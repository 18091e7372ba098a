"""From a request to whoever sends mail: what is to be sent waits in this process, and does not outlive it.

What is lost with the process, or given up, is a line of the log; whoever asks again gets a mail at once.
"""

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from anyio import EndOfStream, WouldBlock, create_memory_object_stream, create_task_group, current_time, sleep
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.config import Settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.mail.delivery import is_final
from app.mail.letters import Letters, letters_from
from app.mail.models import AccountToken, Purpose

# What would wait behind more mails than these is not sent.
WAITING_MAILS = 100
# Seconds before each try.
TRIES = (0, 2, 10)
# For what is still waiting when the application stops.
STOP_SECONDS = 3
# A row, and what it is.
Mail = tuple[UUID, Purpose]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outbox:
    """Takes what is to be sent, and lets nobody wait for it."""

    waiting: MemoryObjectSendStream[Mail]
    engine: AsyncEngine

    async def post(self, session: AsyncSession, row: AccountToken) -> None:
        """Have this sent after the commit, and not at all if there is none."""
        mail = (row.id, row.purpose)
        listen(session.sync_session, "after_commit", lambda _: self.put(mail), once=True)

    def put(self, mail: Mail) -> None:
        """Let it wait."""
        try:
            self.waiting.send_nowait(mail)
        except WouldBlock:
            logger.warning("Too many mails wait; one is not sent")


@asynccontextmanager
async def open_outbox(settings: Settings) -> AsyncGenerator[Outbox]:
    """Send what is put into the outbox, on a connection of its own; at the end, for some seconds, what is left."""
    sender, receiver = create_memory_object_stream[Mail](WAITING_MAILS)
    outbox = Outbox(sender, engine_from(settings, single=True))
    letters = letters_from(settings, create_sessionmaker(outbox.engine))
    try:
        async with create_task_group() as group:
            group.start_soon(send_all, letters, receiver)
            async with sender:
                yield outbox
            group.cancel_scope.deadline = current_time() + STOP_SECONDS
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # as it was, whatever else is opened and fails
    finally:
        await outbox.engine.dispose()


async def send_all(letters: Letters, receiver: MemoryObjectReceiveStream[Mail]) -> None:
    """Send one mail after the other, until no more can come; where it is stopped before, say what is left."""
    left: list[Purpose] = []
    try:
        async for row_id, purpose in receiver:
            left = [purpose]
            await send(letters, row_id, purpose)
            left = []
    finally:
        left += rest_of(receiver)
        receiver.close()
        if left:
            kinds = ", ".join(f"{number} {purpose}" for purpose, number in Counter(left).items())
            logger.error("The application stops, and mails are given up: %s", kinds)


def rest_of(receiver: MemoryObjectReceiveStream[Mail]) -> Iterator[Purpose]:
    """Take out what waits, and yield what it is."""
    with suppress(WouldBlock, EndOfStream):
        while True:
            yield receiver.receive_nowait()[1]


async def send(letters: Letters, row_id: UUID, purpose: Purpose) -> None:
    """Try a few times to send a mail; what it says is not for the log."""
    for seconds in TRIES:
        await sleep(seconds)
        try:
            await letters.send(row_id)
        except Exception as error:
            logger.warning("A mail could not be sent: %s", error)
            if is_final(error):  # others wait
                break
        else:
            return
    logger.error("A mail is given up: %s", purpose)
