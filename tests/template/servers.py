"""The servers of generated projects: their own tests start them, so these only see to it that they can."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.template.packages import on_path
from tests.template.projects import clean_environment

# Run in a project, and do what its fixtures `database_url` and `cache_url` do, until their input closes.
SERVE = """
import sys
from importlib import import_module
from tests.server import new_database
with import_module(f"tests.{sys.argv[1]}").server() as server, new_database(server, "DROP DATABASE {}") as address:
    print(address, flush=True)
    sys.stdin.read()
"""
SERVE_CACHE = """
import sys
from importlib import import_module
with import_module(f"tests.{sys.argv[1]}").server() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def database_for(project: Path, database: str, python: Path) -> Generator[str]:
    """Give the address of an empty database of the kind that the project uses."""
    if database not in {"postgresql", "mysql"}:
        yield f"sqlite+aiosqlite:///{project}/served.db"
        return
    with server_of(project, python, SERVE, database) as address:
        yield address


@contextmanager
def cache_for(project: Path, cache: str, python: Path) -> Generator[str]:
    """Give the address of what the processes of the project share."""
    if cache == "none":
        yield ""
        return
    with server_of(project, python, SERVE_CACHE, cache) as address:
        yield address


@contextmanager
def server_of(project: Path, python: Path, program: str, kind: str) -> Generator[str]:
    """Run the program in the project; gives the address that it prints."""
    server = subprocess.Popen(
        [python, "-c", program, kind],
        cwd=project,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert "://" in address, f"no {kind} server"
        yield address


@contextmanager
def mariadb_on_path() -> Generator[str]:
    """Provide MariaDB; gives the reason why that is impossible."""
    programs = ["mariadbd", "mariadb-install-db"]
    with on_path("MariaDB", programs, ["mariadb-server-core", "mariadb-client-core"]) as reason:
        yield reason


@contextmanager
def redis_on_path() -> Generator[str]:
    """Provide Redis, whose server is the program that also checks its files; gives the reason if that is impossible."""
    with on_path("Redis", ["redis-check-rdb"], ["redis-tools"]) as reason:
        yield reason
