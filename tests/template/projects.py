"""Render projects, and run commands in them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi_scaffold.writing import engine
from tests.template.renders import Renders

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
    options = [word for name, value in answers.items() for word in (f"--{name.replace('_', '-')}", value)]
    command = [*PROGRAM, "new", project, "--defaults", "--no-config", "--json", *options, *more]
    done = run_in(project.parent, *command, PYTHONPATH=str(ROOT))
    report: dict[str, Any] = json.loads(done.stdout)
    steps = (report.get("proof") or {}).get("steps", [])
    assert done.returncode == 0, [step for step in steps if step["status"] != "passed"] or report
    return report


def given(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers with those that nearly every test leaves alone."""
    return {"project_name": NAME, "description": "An API.", "python_version": PYTHON, **answers}


@cache
def renders_in(directory: str) -> Renders:
    """Return what this process knows of the renders in a directory."""
    return Renders(Path(directory))


def shared_renders() -> Renders:
    """Return what the processes of this test run have rendered."""
    return renders_in(os.environ["FASTAPI_SCAFFOLD_RENDERS"])


def render_project(directory: Path, answers: Mapping[str, str], **more: str) -> Path:
    """Render a project into a new directory; in a test run, copy there what another test had rendered."""
    if "FASTAPI_SCAFFOLD_RENDERS" in os.environ:
        shared_renders().copy(given({**answers, **more}), directory)
    else:
        engine.render(given({**answers, **more}), directory)
    return directory


def files_of(project: Path) -> list[Path]:
    """Return the files that were rendered, without what tools left behind."""
    ignored = {".venv", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".import_linter_cache"}
    return sorted(
        path for path in project.rglob("*") if path.is_file() and not ignored & set(path.relative_to(project).parts)
    )
