"""Where the keys are: in the database, for requests and for the command line."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends

from app.auth.repository import StoredKeys
from app.config import Settings
from app.database.engine import engine_from
from app.database.session import SessionDep, create_sessionmaker


async def get_keys(session: SessionDep) -> StoredKeys:
    """Return the keys that requests are checked against."""
    return StoredKeys(session)


KeysDep = Annotated[StoredKeys, Depends(get_keys)]


@asynccontextmanager
async def open_keys(settings: Settings) -> AsyncGenerator[StoredKeys]:
    """Return the keys to change; the changes count from the next request on."""
    engine = engine_from(settings)
    try:
        async with create_sessionmaker(engine).begin() as session:
            yield StoredKeys(session)
    finally:
        await engine.dispose()
