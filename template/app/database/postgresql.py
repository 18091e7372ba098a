"""PostgreSQL: the engine and what only this database needs."""

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 5
# A server that is gone does not say so; the limits below are its own.
LOST_MILLISECONDS = 30_000
# A request that takes longer is stuck, and must not hold its connection and its locks for ever.
SESSION = "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
MIGRATION = ("SET statement_timeout = 0",)
READ_ONLY = {"postgresql_readonly": True}
# A value that is taken, and a reference to a row that is gone or is to go.
CONFLICTS = frozenset({"23505", "23503"})


def create_engine(url: str, **options: float) -> AsyncEngine:
    """Make the pool; nothing is opened before the first query."""
    return create_async_engine(
        url,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": LOST_MILLISECONDS, "options": SESSION},
        **options,
    )


def is_conflict(error: IntegrityError) -> bool:
    """Tell what other rows do not allow from a value that is missing, which is a bug."""
    return getattr(error.orig, "sqlstate", "") in CONFLICTS


def is_temporary(error: DBAPIError) -> bool:
    """Tell an error of the moment, such as a lost connection, a deadlock or a limit that was met, from a bug."""
    return isinstance(error, OperationalError)
