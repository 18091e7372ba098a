"""The database of the tests: a SQLite file."""

import pytest


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of an empty database."""
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database')}/test.db"


@pytest.fixture
def impatience() -> str:
    """Return the statement after which a connection hardly waits for locks."""
    return "PRAGMA busy_timeout = 1"
