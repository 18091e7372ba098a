"""One environment in which every generated project can run."""

from pathlib import Path

import pytest

from tests.template.combinations import VALID
from tests.template.projects import PYTHON, render_project, succeed


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` of an environment with everything that any combination needs, and our own type checker."""
    project = render_project(tmp_path_factory.mktemp("environment") / "my-api", VALID[0])
    succeed(project, "uv", "sync", "--quiet", "--python", PYTHON)
    succeed(project, "uv", "pip", "install", "--quiet", "mypy>=2.4,<3", "schemathesis>=4.32,<5", "types-PyYAML")
    return project / ".venv" / "bin"
