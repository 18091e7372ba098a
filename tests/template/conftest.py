"""One environment in which every generated project can run."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import EMPTY, EXTENDED, PAIRS, VALID
from tests.template.packages import on_path
from tests.template.projects import PYTHON, render_project, shared_renders, succeed
from tests.template.sample import Sample
from tests.template.servers import mariadb_on_path, redis_on_path

# Of this process among those of the test run.
NUMBERS = {"WORKER": "gw0", "WORKER_COUNT": "1"}


@pytest.fixture(scope="session", autouse=True)
def renders(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Name the directory in which the processes of a test run share what they rendered."""
    own = tmp_path_factory.getbasetemp()
    directory = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "renders"
    directory.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("FASTAPI_SCAFFOLD_RENDERS", str(directory))
        yield


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(PAIRS + EXTENDED + EMPTY, id="pairs"),
        pytest.param(VALID + EXTENDED + EMPTY, id="all", marks=pytest.mark.whole),
    ],
)
def sample(request: pytest.FixtureRequest) -> Sample:
    """Return combinations as they are rendered: in which every pair of values occurs, or all that are valid."""
    number, count = (os.environ.get(f"PYTEST_XDIST_{name}", default) for name, default in NUMBERS.items())
    return Sample(request.param, shared_renders(), int(number.removeprefix("gw")) / int(count))


@pytest.fixture(scope="session")
def mariadb() -> Generator[str]:
    """Provide a server that no package of Python brings; returns why that is impossible."""
    with mariadb_on_path() as reason:
        yield reason


@pytest.fixture(scope="session")
def redis() -> Generator[str]:
    """Provide another one; returns why that is impossible."""
    with redis_on_path() as reason:
        yield reason


@contextmanager
def program(name: str, package: str) -> Generator[str]:
    """Give the path of the program that is called like its package, or skip the test with the reason."""
    with on_path(name, [package], [package]) as reason:
        if reason:
            pytest.skip(reason)
        yield shutil.which(package, path=f"{os.environ['PATH']}:/usr/sbin") or ""


@pytest.fixture
def nginx() -> Generator[str]:
    """Return the path of nginx, or skip the test with the reason why there is none."""
    with program("nginx", "nginx") as path:
        yield path


@pytest.fixture
def pgbouncer() -> Generator[str]:
    """Return the path of PgBouncer, or skip the test with the reason why there is none."""
    with program("PgBouncer", "pgbouncer") as path:
        yield path


@pytest.fixture
def servers(request: pytest.FixtureRequest, mariadb: str, redis: str) -> None:
    """See to it that projects can start their servers, or skip the test with the reason why this one cannot."""
    for reason, answer in ((mariadb, "'mysql'"), (redis, "'redis'")):
        if reason and answer in repr(request.node.callspec.params):
            pytest.skip(reason)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` of an environment with everything that any combination needs, and our own type checker."""
    project = render_project(tmp_path_factory.mktemp("environment") / "my-api", VALID[0])
    succeed(project, "uv", "sync", "--quiet", "--python", PYTHON)
    catalogue = load_questionnaire(template_root()).tables["catalogue"]
    rows = [row for choices in catalogue.values() for row in choices.values()]
    packages = [name for row in rows for name in (*row.get("dependencies", ()), *row.get("test_dependencies", ()))]
    tools = ["hypothesis>=6.170", "mypy>=2.4,<3", "pytest-xdist>=3.8,<4", "types-PyYAML"]
    succeed(project, "uv", "pip", "install", "--quiet", *packages, *tools)
    return project / ".venv" / "bin"


@pytest.fixture(scope="session")
def schemathesis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a program that calls what an OpenAPI document says, which pytest would take a second to load."""
    place = tmp_path_factory.mktemp("schemathesis")
    succeed(place, "uv", "venv", "--quiet", "--python", PYTHON)
    succeed(place, "uv", "pip", "install", "--quiet", "schemathesis>=4.32,<5")
    return place / ".venv" / "bin" / "st"
