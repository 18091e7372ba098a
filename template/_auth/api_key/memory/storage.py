"""Where the keys are: in the settings, for requests and for the command line."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from app.auth.entries import write_entry
from app.auth.repository import StoredKeys
from app.auth.state import KEYS_VARIABLE, AuthState, auth_from
from app.config import Settings


async def get_keys(request: HTTPConnection) -> StoredKeys:
    """Return the keys that requests are checked against."""
    state: AuthState = request.state.auth
    return StoredKeys(state.keys)


KeysDep = Annotated[StoredKeys, Depends(get_keys)]


@asynccontextmanager
async def open_keys(settings: Settings) -> AsyncGenerator[StoredKeys]:
    """Return the keys to change; the changes are printed, for whoever writes the settings."""
    accepted = auth_from(settings).keys
    keys = StoredKeys(dict(accepted))
    yield keys
    if keys.keys != accepted:
        entries = ",".join(write_entry(key) for key in await keys.all())
        sys.stdout.write(f"{KEYS_VARIABLE}={entries}\n")
        sys.stderr.write("Put this line into the settings in place of the former one, and restart.\n")
