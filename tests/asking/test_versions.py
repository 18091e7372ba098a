"""The wizard with the oldest and with the newest libraries that the package allows: users install without our lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.console import CHECKOUT, SCRIPTS, environment

# All that the libraries do: keys, back, review, stopping, sizes, colours. What else the wizard does is ours alone.
SOME = ["-k", "not directory and not nothing_is_asked and not few_characters and not own_defaults and not last_time"]


@pytest.mark.slow
@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_wizard(resolution: str, tmp_path: Path) -> None:
    uv = ["uv", "--quiet"]
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, tmp_path / "venv"], check=True)
    # The package itself is taken from the checkout; only what it needs is installed.
    requirements = ["--requirements", CHECKOUT / "pyproject.toml", "--resolution", resolution]
    subprocess.run([*uv, "pip", "install", "--python", python, *requirements], check=True)
    # By this the program knows that it is what the user finds by its name.
    python.with_name("fastapi-scaffold").symlink_to(SCRIPTS / "fastapi-scaffold")
    # As pip does; without it each start of the program would compile everything again.
    subprocess.run([python, "-m", "compileall", "-q", tmp_path / "venv" / "lib"], check=False)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "tests/asking/test_wizard.py",
            *SOME,
        ],
        cwd=CHECKOUT,
        env=environment(FASTAPI_SCAFFOLD_PYTHON=str(python), PYTEST_XDIST_WORKER=None, PYTEST_ADDOPTS=None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
