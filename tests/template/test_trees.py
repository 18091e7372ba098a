"""Resources that refer to themselves, on every database."""

import shutil
from pathlib import Path

import pytest

from tests.template.combinations import label
from tests.template.projects import render_project, run_in, succeed
from tests.template.test_resources import application

TREES = Path(__file__).with_name("trees.py")
TREE = "category note:text:optional parent:ref:category:optional"
DATABASES = [application("sqlite", "jwt"), application("postgresql", "session"), application("mysql", "jwt")]
REPOSITORY, ENGINE = Path("app/categories/repository.py"), Path("app/database/mysql.py")
LOCKED = "select(Category.parent_id).with_for_update()"
# What has to be there, for which database, what takes its place, and which test notices.
NEEDED = [
    (DATABASES[1], REPOSITORY, LOCKED, "select(Category.parent_id)", "at_once"),
    (DATABASES[2], REPOSITORY, LOCKED, "select(Category.parent_id)", "at_once"),
    (DATABASES[2], ENGINE, ".values({own: None})", ".values({own: own})", "leaves"),
]


def planted(directory: Path, answers: dict[str, str]) -> Path:
    """Return a project with a tree, and with the tests of trees."""
    project = render_project(directory / "my-api", answers, resources=TREE)
    shutil.copy(TREES, project / "tests" / "test_trees.py")
    return project


@pytest.mark.parametrize("answers", DATABASES, ids=label)
@pytest.mark.usefixtures("servers")
def test_trees_stay_trees(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = planted(tmp_path, answers)
    succeed(project, environment / "python", "-m", "pytest", "-q", "-x", "tests/test_trees.py", "tests/categories")


@pytest.mark.whole
@pytest.mark.parametrize(("answers", "file", "find", "put", "test"), NEEDED)
@pytest.mark.usefixtures("servers")
def test_what_keeps_them_is_needed(
    answers: dict[str, str], file: Path, find: str, put: str, test: str, tmp_path: Path, environment: Path
) -> None:
    project = planted(tmp_path, answers)
    source = (project / file).read_text()
    assert source.count(find) == 1
    (project / file).write_text(source.replace(find, put))
    tests = [environment / "python", "-m", "pytest", "-q", "-x", "tests/test_trees.py", "-k", test]
    assert run_in(project, *tests).returncode == 1
