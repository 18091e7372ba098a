"""The database servers of generated projects: their own tests start them, so these only see to it that they can."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.template.projects import clean_environment

MARIADB = ["mariadb-server-core", "mariadb-client-core"]
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
    """Unpack MariaDB where it is not installed, without installing it; gives the reason why that is impossible."""
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/bin"
    if shutil.which("mariadbd", path=path) and shutil.which("mariadb-install-db", path=path):
        yield ""
        return
    if not shutil.which("apt-get"):
        yield "MariaDB is not installed, and there is no apt-get to download it"
        return
    with tempfile.TemporaryDirectory(prefix="mariadb-") as directory:
        root = Path(directory)
        root.chmod(0o755)  # servers that root starts run as nobody
        reason = unpack(root)
        libraries = [str(place) for place in (*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"))]
        before = dict(os.environ)
        os.environ["PATH"] = f"{root}/usr/sbin:{root}/usr/bin:{before['PATH']}"
        os.environ["LD_LIBRARY_PATH"] = ":".join([*libraries, *filter(None, [before.get("LD_LIBRARY_PATH")])])
        yield reason
        os.environ.clear()
        os.environ.update(before)


def unpack(root: Path) -> str:
    """Download the packages, and what they need and is not installed; returns why that failed."""
    if run("apt-cache", "show", *MARIADB).returncode and os.geteuid() == 0:
        run("apt-get", "update", "--quiet")
    found = run("apt-cache", "depends", *MARIADB).stdout.splitlines()
    needed = {line.split()[-1] for line in found if line.strip().startswith("Depends:") and "<" not in line}
    missing = [name for name in sorted(needed) if run("dpkg-query", "--status", name).returncode]
    download = run("apt-get", "download", "--quiet", *MARIADB, *missing, cwd=root)
    if download.returncode:
        return f"MariaDB is not installed, and apt-get cannot download it: {download.stderr.strip()}"
    for package in root.glob("*.deb"):
        run("dpkg-deb", "--extract", package, root)
    return ""


def run(*command: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command of the package manager."""
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
