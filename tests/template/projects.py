"""Render projects, and run commands in them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi_scaffold.writing import engine

ROOT = Path(__file__).parent.parent.parent
PROGRAM = [sys.executable, "-m", "fastapi_scaffold"]
NAME = "My API"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def clean_environment(**variables: str) -> dict[str, str]:
    """Return the environment without what belongs to this test run."""
    dropped = ("APP_", "PYTEST_", "PYTHON", "GIT_", "VIRTUAL_ENV", "COV_", "FASTAPI_")
    return {key: value for key, value in os.environ.items() if not key.startswith(dropped)} | variables


def run_in(directory: Path, *command: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command, and capture what it says."""
    # Where the runs of this repository leave their files, every run of a project would tidy up after them.
    environment = clean_environment(PYTEST_DEBUG_TEMPROOT=str(directory.parent), **variables)
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def succeed(directory: Path, *command: str | Path, **variables: str) -> str:
    """Run a command that must succeed; returns its output."""
    done = run_in(directory, *command, **variables)
    assert done.returncode == 0, f"{command} in {directory}\n{done.stdout[-6000:]}{done.stderr[-4000:]}"
    return done.stdout


def new_project(project: Path, answers: Mapping[str, str], *more: str) -> dict[str, Any]:
    """Make a project by the program, which proves it and must succeed; returns its report."""
    options = [word for name, value in answers.items() for word in (f"--{name}", value)]
    command = [*PROGRAM, "new", project, "--defaults", "--no-config", "--json", *options, *more]
    done = run_in(project.parent, *command, PYTHONPATH=str(ROOT))
    report: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0, report.get("proof") or report
    return report


def render_project(directory: Path, answers: Mapping[str, str], **more: str) -> Path:
    """Render a project into a new directory; in a test run, copy there what another test had rendered."""
    given = {"project_name": NAME, "description": "An API.", "python_version": PYTHON, **answers, **more}
    if "FASTAPI_SCAFFOLD_RENDERS" not in os.environ:
        engine.render(given, directory)
        return directory
    key = [str(engine.template_root()), given]
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    rendered = Path(os.environ["FASTAPI_SCAFFOLD_RENDERS"], name)
    if not rendered.exists():
        scratch = tempfile.mkdtemp(dir=rendered.parent)
        engine.render(given, Path(scratch))
        # Another process may have been faster.
        with suppress(OSError):
            Path(scratch).rename(rendered)
    shutil.copytree(rendered, directory, symlinks=True)
    return directory


def files_of(project: Path) -> list[Path]:
    """Return the files that were rendered, without what tools left behind."""
    ignored = {".venv", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".import_linter_cache"}
    return sorted(
        path for path in project.rglob("*") if path.is_file() and not ignored & set(path.relative_to(project).parts)
    )
