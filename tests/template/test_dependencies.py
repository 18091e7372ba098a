"""The oldest and the newest versions that a project allows: it is proven with both.

Every database with every way to sign in, each in environments of its own: `uv run pytest -n 2 -m slow`.
"""

from pathlib import Path

import pytest

from tests.template.combinations import VISIBLE, Answers, label
from tests.template.projects import PYTHON, render_project, succeed


@pytest.mark.slow
@pytest.mark.parametrize("resolution", ["highest", "lowest-direct"])
@pytest.mark.parametrize("answers", VISIBLE, ids=label)
@pytest.mark.usefixtures("servers")
def test_proven_with(answers: Answers, resolution: str, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "git", "init", "--quiet")
    succeed(project, "uv", "sync", "--quiet", "--python", PYTHON, "--resolution", resolution)
    for task in ("lint", "format", "types", "layers", "test"):
        succeed(project, "uv", "run", "--no-sync", "poe", "-q", task)
