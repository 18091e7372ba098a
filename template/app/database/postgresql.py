"""PostgreSQL: the engine and what only this database needs."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, collate, event, func
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DIALECT = "postgresql"
CONNECT_SECONDS = 5
# A server that is gone does not say so; the limits below are its own.
LOST_MILLISECONDS = 30_000
# A request that takes longer is stuck, and must not hold its connection and its locks for ever. Each transaction says
# so for itself: behind a pooler, such as PgBouncer, the next one is on a connection that others have had.
TRANSACTION = (
    "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s';"
    " SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL timezone = 'UTC'"
)
MIGRATION = ("SET LOCAL statement_timeout = 0",)
READ_ONLY = {"postgresql_readonly": True}
# A value that is taken, and a reference to a row that is gone or is to go.
CONFLICTS = frozenset({"23505", "23503"})


def read_url(given: str) -> str:
    """Add the driver; raise ValueError for anything but an address. A password may have an @: the last one ends it."""
    account, place = r"(?:(.*?)(@))?", r"(?:\[[^\]@]+\]|[^\]\[@:/?]*)(?::\d+)?(?:/[^@?]*)?(?:\?.*)?"
    found = re.fullmatch(rf"(?:postgres(?:ql)?)(?:\+\w+)?://{account}({place})", given)
    if not found:
        message = "this is no address like postgresql://user:password@host/database"
        raise ValueError(message)
    return f"{DIALECT}+psycopg://{(found[1] or '').replace('@', '%40')}{found[2] or ''}{found[3]}"


def create_engine(url: str, **options: float) -> AsyncEngine:
    """Make the pool; nothing is opened before the first query."""
    engine = create_async_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": LOST_MILLISECONDS,
            "prepare_threshold": None,  # what is prepared on one connection is not there on the pooler's next one
        },
        **options,
    )
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def begin(connection: Connection) -> None:
    """Limit a transaction."""
    connection.exec_driver_sql(TRANSACTION)


def folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Make A to Z small, and no other letter, whatever the collation: É is not é."""
    return func.lower(collate(text, "C"))


def sort_key(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sort text by code point, whatever the collation."""
    return collate(column, "C") if isinstance(column.type, String) else column


def moment(value: datetime) -> datetime:
    """Compare times as they are."""
    return value


def told_index(query: Select[Any], _model: type[object]) -> Select[Any]:
    """Leave the query as it is: the planner knows that a page is short."""
    return query


def is_conflict(error: IntegrityError) -> bool:
    """Tell what other rows do not allow from a value that is missing, which is a bug."""
    return getattr(error.orig, "sqlstate", "") in CONFLICTS


def is_temporary(error: DBAPIError) -> bool:
    """Tell an error of the moment, such as a lost connection, a deadlock or a limit that was met, from a bug."""
    return isinstance(error, OperationalError)
