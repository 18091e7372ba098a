"""One environment in which every generated project can run."""

from pathlib import Path

import pytest

from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import VALID
from tests.template.projects import PYTHON, render_project, succeed


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` of an environment with everything that any combination needs, and our own type checker."""
    project = render_project(tmp_path_factory.mktemp("environment") / "my-api", VALID[0])
    succeed(project, "uv", "sync", "--quiet", "--python", PYTHON)
    tools = ["mypy>=2.4,<3", "schemathesis>=4.32,<5", "types-PyYAML"]
    rows = [row for table in load_questionnaire(template_root()).tables["catalogue"].values() for row in table.values()]
    dependencies = {dependency for row in rows for dependency in row.get("dependencies", [])}
    succeed(project, "uv", "pip", "install", "--quiet", *tools, *sorted(dependencies))
    return project / ".venv" / "bin"
