"""The database of the tests: on the server of TEST_DATABASE_URL, or on a MariaDB that is started for them."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.server import new_database, new_directory, prepare, running_server

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/bin"
NO_SERVER = (
    "not proven: the tests need a MariaDB or MySQL server. Install mariadb-server, which need not run; "
    "or set TEST_DATABASE_URL=mysql://user:password@host"
)
SMALL = ["--innodb-log-file-size=16M", "--innodb-buffer-pool-size=16M", "--innodb-flush-method=nosync"]


@contextmanager
def server() -> Generator[str]:
    """Give the address of a server."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="mysql+asyncmy").render_as_string(hide_password=False)
        return
    program, install = (shutil.which(name, path=PATH) for name in ("mariadbd", "mariadb-install-db"))
    if not program or not install:
        pytest.exit(NO_SERVER, pytest.ExitCode.USAGE_ERROR)
    directory = new_directory()
    socket, data = directory / "socket", directory / "data"
    base = Path(program).parent.parent
    # A server that starts removes the temporary tables it finds, those of another one in the same directory, too.
    places = ["--no-defaults", f"--basedir={base}", f"--datadir={data}", f"--tmpdir={directory}", *SMALL]
    prepare(directory, install, *places, "--auth-root-authentication-method=normal", "--skip-test-db")
    # The odd time zone shows who relies on the server's own.
    own = [f"--socket={socket}", "--skip-networking", "--skip-log-bin", "--default-time-zone=+05:45"]
    with running_server(directory, "KILL", [program, *places, *own]):
        yield f"mysql+asyncmy://root@/?unix_socket={socket}"


@pytest.fixture(scope="session")
def database_url() -> Generator[str]:
    """Return the address of an empty database."""
    with server() as url, new_database(url, "DROP DATABASE {}") as address:
        yield address


@pytest.fixture
def limits() -> str:
    """Return the query for how many seconds a connection waits for a row, for a table, and for a statement."""
    return (
        "SELECT @@innodb_lock_wait_timeout, @@lock_wait_timeout,"
        " /*!80000 @@max_execution_time / 1000 */ /*M! @@max_statement_time */"
    )


@pytest.fixture
def impatience() -> str:
    """Return the statement after which a connection hardly waits for locks."""
    return "SET innodb_lock_wait_timeout = 1"
