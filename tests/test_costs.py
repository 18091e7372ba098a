"""The table at the end of a run counts what processes used that tests started, whether they have ended or not."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console import environment

BURN = "import time\nwhile time.process_time() < 0.3:\n    pass\n"
TESTS = f"""
import subprocess, sys

def test_ended():
    subprocess.run([sys.executable, "-c", {BURN!r}], check=True)

def test_running():
    child = subprocess.Popen([sys.executable, "-c", {BURN + "print(flush=True); input()"!r}], stdin=-1, stdout=-1)
    child.stdout.readline()
"""


@pytest.mark.parametrize("more", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_the_table_counts_children(more: list[str], tmp_path: Path) -> None:
    (tmp_path / "test_ended.py").write_text(TESTS.partition("def test_running")[0])
    (tmp_path / "test_running.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-ptests.costs",
        "-pno:cacheprovider",
        f"--rootdir={tmp_path}",
        *more,
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(PYTEST_ADDOPTS=None), capture_output=True, text=True, check=False
    )
    found = {name: (int(tests or 0), float(spent)) for name, tests, spent in re.findall(ROW, done.stdout, re.MULTILINE)}
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: tests for name, (tests, _) in found.items()} == {
        "test_ended.py": 1,
        "test_running.py": 2,
        "start and collection": 0,
        "all": 3,
    }
    assert found["test_ended.py"][1] >= 0.3
    assert found["test_running.py"][1] >= 0.6
    assert found["all"][1] >= 0.9


ROW = r"^(\S[\w. ]*?) {2,}(\d*) +(\d+\.\d)$"
