"""The database servers of generated projects: their own tests start them, so these only see to it that they can."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.template.packages import on_path
from tests.template.projects import clean_environment

# Runs in a project, and does what its fixture `database_url` does, until its input closes.
SERVE = """
import sys
from importlib import import_module
from tests.server import new_database
with import_module(f"tests.{sys.argv[1]}").server() as server, new_database(server, "DROP DATABASE {}") as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def database_for(project: Path, database: str, python: Path) -> Generator[str]:
    """Give the address of an empty database of the kind that the project uses."""
    if not (project / "tests/server.py").exists():
        yield f"sqlite+aiosqlite:///{project}/served.db"
        return
    server = subprocess.Popen(
        [python, "-c", SERVE, database],
        cwd=project,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert "://" in address, f"no {database} server"
        yield address


@contextmanager
def mariadb_on_path() -> Generator[str]:
    """Provide MariaDB; gives the reason why that is impossible."""
    programs = ["mariadbd", "mariadb-install-db"]
    with on_path("MariaDB", programs, ["mariadb-server-core", "mariadb-client-core"]) as reason:
        yield reason
