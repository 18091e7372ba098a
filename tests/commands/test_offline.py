"""The real uv on a machine without a network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console import Cli, environment, normalise

PROJECT = """\
[project]
name = "small"
version = "1"
requires-python = ">=3.11"
dependencies = ["iniconfig>=2"]

[tool.poe.tasks]
version = "python --version"
check = ["version"]
"""


@pytest.fixture
def app(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UV_CACHE_DIR", str(workplace.parent / "cache"))
    directory = workplace / "app"
    directory.mkdir()
    (directory / "pyproject.toml").write_text(PROJECT)
    (directory / ".copier-answers.yml").write_text("_src_path: https://example.org\ndatabase: none\nauth: none\n")
    return directory


def test_told_to_stay_offline(run: Cli, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    result = run("verify", str(app))
    assert result.code == 5
    assert "Not proven: install\n  uv has no network, and its cache lacks iniconfig.\n" in result.out


def test_cut_off(workplace: Path, app: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine cannot run a program without a network")
    done = subprocess.run(
        [unshare, "-n", sys.executable, "-m", "fastapi_scaffold", "verify", app],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    out = normalise(done.stdout, workplace)
    assert re.search(r"Not proven: install\n  uv cannot reach \S+, and its cache lacks iniconfig\.\n", out)


def test_without_the_python_it_requires(run: Cli, app: Path) -> None:
    (app / "pyproject.toml").write_text(PROJECT.replace(">=3.11", ">=3.99"))
    result = run("verify", str(app))
    assert result.code == 5
    assert "There is no Python >=3.99 on this machine." in result.out
