"""Answers that are sent while they are made: each ends in time, and a thread may make it."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Annotated, TypeVar

import anyio
from anyio import from_thread, to_thread
from fastapi import Depends

Step = TypeVar("Step")
# When it stops, the server waits a little longer than this.
STREAM_SECONDS = 20
logger = logging.getLogger(__name__)


@contextmanager
def client_may_leave() -> Generator[None]:
    """Take it for no error of the server, as FastAPI does, that nobody listens to its events any more."""
    try:
        yield
    except* anyio.BrokenResourceError:
        logger.info("The client has left")


async def end_in_time() -> AsyncGenerator[anyio.CancelScope]:
    """Cut an answer that is not at its end yet, whoever is slow: the server, or a client that does not read."""
    with client_may_leave(), anyio.fail_after(STREAM_SECONDS) as turn:
        yield turn


# Until the last byte is sent.
TurnDep = Annotated[anyio.CancelScope, Depends(end_in_time, scope="request")]


def go_on(turn: anyio.CancelScope) -> None:
    """Give an answer as much time again, because its client reads."""
    turn.deadline = anyio.current_time() + STREAM_SECONDS


@asynccontextmanager
async def reported(steps: Iterable[Step]) -> AsyncGenerator[AsyncIterator[Step]]:
    """Iterate in a thread, which waits until each step is taken, and stops when nobody takes them any more."""
    send, receive = anyio.create_memory_object_stream[Step](0)

    def work() -> None:
        for step in steps:
            from_thread.run(send.send, step)

    async def produce() -> None:
        async with send:
            with suppress(anyio.BrokenResourceError):
                await to_thread.run_sync(work)

    async with anyio.create_task_group() as group, receive:
        group.start_soon(produce)
        yield receive
