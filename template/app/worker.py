"""Do what is in the queue: `python -m app.worker`, beside the processes that serve."""

import logging
from asyncio import timeout
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import gettempdir

import anyio
from procrastinate.app import WorkerOptions
from sqlalchemy.ext.asyncio import AsyncEngine

import app
from app.config import Settings, get_settings
from app.core.logging import configure_logging
from app.database.engine import engine_from
from app.database.session import check_database, create_sessionmaker
from app.jobs.queue import create_queue

# What is not done by then goes back to the queue; the orchestrator kills after 30 seconds.
GRACEFUL_SHUTDOWN_SECONDS = 20
# Whoever looks after the worker asks how old this file is.
ALIVE = Path(gettempdir()) / "worker-alive"
ALIVE_SECONDS = 10
logger = logging.getLogger(__name__)


def load_tasks() -> None:
    """Import every `tasks` module, so that the worker knows all tasks."""
    for module in walk_packages(app.__path__, "app."):
        if module.name.endswith(".tasks"):
            import_module(module.name)


async def show_life(engine: AsyncEngine) -> None:
    """Touch the file if the database answers."""
    try:
        async with timeout(ALIVE_SECONDS):
            await check_database(engine)
        await anyio.Path(ALIVE).touch()
    except Exception:
        logger.exception("The database does not answer the worker")


async def stay_alive(engine: AsyncEngine) -> None:
    """Show life as long as there is any."""
    while True:
        await show_life(engine)
        await anyio.sleep(ALIVE_SECONDS)


async def work(settings: Settings, options: WorkerOptions) -> None:
    """Do jobs until SIGTERM, or as the options say; then finish those that are being done, or put them back."""
    load_tasks()
    engine = engine_from(settings)
    queue = create_queue(settings, engine, create_sessionmaker(engine))
    given: WorkerOptions = {"shutdown_graceful_timeout": GRACEFUL_SHUTDOWN_SECONDS, **options}
    try:
        async with queue.open_async(), anyio.create_task_group() as group:
            group.start_soon(stay_alive, engine)
            await queue.run_worker_async(**given)
            group.cancel_scope.cancel()
    finally:
        await engine.dispose()


def main() -> None:
    """Work until SIGTERM, and exit with 0."""
    settings = get_settings()
    configure_logging(settings.log_level, "text" if settings.environment == "development" else "json")
    anyio.run(work, settings, WorkerOptions())


# Processes for heavy work import this module again, under another name.
if __name__ == "__main__":
    main()
