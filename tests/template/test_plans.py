"""A page of a long list costs what is on it, wherever it begins."""

import shutil
from pathlib import Path

import pytest

from tests.template.projects import render_project, run_in, succeed
from tests.template.test_resources import application

PLANS = Path(__file__).with_name("plans.py")
PYTEST = ("-m", "pytest", "-q", "-x", "tests/test_plans.py")
QUERIES = Path("app/database/queries.py")
# What has to be there, for which database, and what takes its place.
NEEDED = [
    ("sqlite", QUERIES, "yield and_(bound, follows)", "yield follows"),
    ("mysql", QUERIES, "ordered = told_index(ordered, model)", "pass"),
    ("mysql", QUERIES, "column if column.primary_key else sort_key(column)", "sort_key(column)"),
    ("postgresql", QUERIES, "yield and_(bound, follows)", "yield follows"),
]


def planted(directory: Path, database: str) -> Path:
    """Return a project with accounts, and with the test of plans."""
    project = render_project(directory / "my-api", application(database, "jwt"))
    shutil.copy(PLANS, project / "tests" / "test_plans.py")
    return project


@pytest.mark.whole
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
@pytest.mark.usefixtures("servers")
def test_a_page_costs_what_is_on_it(database: str, tmp_path: Path, environment: Path) -> None:
    project = planted(tmp_path, database)
    succeed(project, environment / "python", *PYTEST)


@pytest.mark.slow
@pytest.mark.parametrize(("database", "file", "find", "put"), NEEDED)
@pytest.mark.usefixtures("servers")
def test_what_it_takes_is_needed(
    database: str, file: Path, find: str, put: str, tmp_path: Path, environment: Path
) -> None:
    project = planted(tmp_path, database)
    source = (project / file).read_text()
    assert source.count(find) == 1
    (project / file).write_text(source.replace(find, put))
    assert run_in(project, environment / "python", *PYTEST).returncode == 1
