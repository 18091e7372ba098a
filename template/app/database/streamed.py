"""The database for answers that are sent while they are made: none holds a connection while its client reads."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends

from app.database.session import SessionDep, get_session

# For a transaction beside that of the request, as often as it is called.
open_session = asynccontextmanager(get_session)


async def let_go(session: SessionDep) -> None:
    """Give the connection back with which the caller was found: whoever waits for their turn needs none."""
    await session.close()


FreeDep = Annotated[None, Depends(let_go)]
