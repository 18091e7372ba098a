"""The unit of work: one session and one transaction for each request."""

import logging
import re
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import UniqueConstraint, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.exceptions import Conflict, Unavailable
from app.database.base import Base
from app.database.engine import READ_ONLY, is_conflict, is_temporary

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
logger = logging.getLogger(__name__)


def create_sessionmaker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Make the factory of all sessions; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def get_session(request: HTTPConnection) -> AsyncGenerator[AsyncSession]:
    """Commit when the endpoint returns, roll back when it raises; nothing else in the application does either."""
    sessionmaker = request.state.readers if request.scope.get("method") in SAFE_METHODS else request.state.sessionmaker
    try:
        async with sessionmaker.begin() as session:
            yield session
    except IntegrityError as error:
        if is_conflict(error):
            message = "It contradicts another entry: one with the same value, or one that refers to it."
            raise Conflict(message, fields=fields_of(error, request.state.engine)) from error
        # What follows the first line may be the whole row, which is not for the log.
        message = str(error.orig).partition("\n")[0]
        raise RuntimeError(message).with_traceback(error.__traceback__) from None
    except (DBAPIError, NoConnectionLeft) as error:
        if isinstance(error, DBAPIError) and not (error.connection_invalidated or is_temporary(error)):
            raise
        logger.warning("The database does not serve: %s", getattr(error, "orig", error))
        raise Unavailable from error


def fields_of(error: IntegrityError, engine: AsyncEngine) -> tuple[str, ...]:
    """Return the field whose value is taken: the message ends with the constraint or its columns."""
    message, name_of = str(error.orig).partition("\n")[0], engine.dialect.identifier_preparer.format_constraint
    tables = Base.metadata.tables.values()
    for key in [key for table in tables for key in table.constraints if isinstance(key, UniqueConstraint)]:
        columns = ", ".join(str(column) for column in key.columns)
        if re.search(rf"(\b{name_of(key)}\W*| {re.escape(columns)})$", message):
            return (key.columns.keys()[-1],)  # what is before it says among which it is unique
    return ()


# scope="function": the exit code runs before the response is sent, so a failing commit never looks like success.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def check_database(engine: AsyncEngine) -> None:
    """Raise if the database does not answer."""
    async with engine.execution_options(**READ_ONLY).connect() as connection:
        await connection.execute(text("SELECT 1"))
