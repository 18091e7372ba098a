"""A worker that also does what only tests ask for: `python -m tests.jobs.worker`."""

from unittest.mock import patch

import anyio
from pydantic import JsonValue

from app.jobs.runs import Run, job
from app.worker import main

# In a worker of its own a job takes longer than any test; in the process of the tests, it is done at once.
SECONDS = 600 if __name__ == "__main__" else 0


@job("tests.slow")
async def slow(run: Run) -> dict[str, JsonValue]:
    await run.tell(50)
    await anyio.sleep(SECONDS)
    return {}


@job("tests.quick")
async def quick(_run: Run) -> dict[str, JsonValue]:
    await anyio.sleep(1)
    return {}


@job("tests.failing")
async def failing(_run: Run) -> dict[str, JsonValue]:
    message = "hunter2"
    raise RuntimeError(message)


if __name__ == "__main__":
    with patch("app.worker.GRACEFUL_SHUTDOWN_SECONDS", 3):
        main()
