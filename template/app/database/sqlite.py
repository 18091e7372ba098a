"""SQLite: the engine and what only this database needs."""

import re
from datetime import UTC, datetime
from shutil import disk_usage
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, event, func, literal
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import now

BUSY_SECONDS = 5
READ_ONLY = {"sqlite_begin": "BEGIN"}
# A value that is taken, and a reference to a row that is gone or is to go.
CONFLICTS = frozenset(f"SQLITE_CONSTRAINT_{kind}" for kind in ("UNIQUE", "PRIMARYKEY", "FOREIGNKEY"))
# A constraint is changed by building the table anew; the old one must not take along what refers to it.
MIGRATION = ("COMMIT", "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE")


def read_url(given: str) -> str:
    """Add the driver; raise ValueError for anything but a file: what is in memory would go with its connection."""
    url, is_file = re.subn(r"^(sqlite)(?:\+\w+)?(?=:///(?!:memory:|file:|\?).)", r"\1+aiosqlite", given)
    if not is_file:
        message = "this is no address like sqlite:///./app.db"
        raise ValueError(message)
    return url


def create_engine(url: str, **options: float) -> AsyncEngine:
    """Make the pool; nothing is opened before the first query."""
    engine = create_async_engine(url, pool_pre_ping=True, connect_args={"timeout": BUSY_SECONDS}, **options)
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own class
    """Check foreign keys, and let readers work while one connection writes."""
    connection.isolation_level = None  # the driver would begin transactions on its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")  # when the power fails, the last commits may be lost; FULL waits
    cursor.close()


async def check_disk(engine: AsyncEngine) -> None:
    """Raise if there is no room for what a request may write."""
    if disk_usage(str(engine.url.database)).free < 2**20:
        message = "the disk of the database is full"
        raise OSError(message)


def begin(connection: Connection) -> None:
    """Take the write lock at once: two readers that both turn writer would fail, not wait."""
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE"))


@compiles(now, "sqlite")
def now_with_milliseconds(_function: now, _compiler: object, **_: object) -> str:
    """Tell what was stored first: CURRENT_TIMESTAMP has whole seconds."""
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now'))"


def folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Make A to Z small, and no other letter: É is not é."""
    return func.lower(text)


def sort_key(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sort by what is stored: text by code point, ids by their digits."""
    return column


def moment(value: datetime) -> ColumnElement[str]:
    """Write a time as short as it can be: it is compared as text, and some are stored with milliseconds alone."""
    written = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return literal(written.rstrip("0").rstrip("."), String)


def told_index(query: Select[Any], _model: type[object]) -> Select[Any]:
    """Leave the query as it is: the planner knows that a page is short."""
    return query


def is_conflict(error: IntegrityError) -> bool:
    """Tell what other rows do not allow from a value that is missing, which is a bug."""
    return getattr(error.orig, "sqlite_errorname", "") in CONFLICTS


def is_temporary(error: DBAPIError) -> bool:
    """Tell an error of the moment, that others write for too long or the disk is full, from a bug."""
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR"))
