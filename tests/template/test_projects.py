"""Every combination does what it promises: typed, tested, covered, and each practice that applies is proven."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fastapi_scaffold.practices import applicable, load_practices
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import APPLICATIONS, SURROUNDED, TARGETS, VALID, WITHOUT_CI, Answers, label, pairwise
from tests.template.projects import files_of, render_project, run_in, succeed
from tests.update.world import put

MYPY_CONFIG = Path(__file__).parent / "mypy.ini"


def proven_practices(junit: Path) -> set[str]:
    """Return the practices of all tests that passed."""
    return {
        prop.attrib["value"]
        for case in ElementTree.parse(junit).iter("testcase")
        if not {child.tag for child in case} & {"failure", "error", "skipped"}
        for prop in case.iter("property")
        if prop.attrib["name"] == "practice"
    }


def practices_of(answers: Answers) -> set[str]:
    """Return the practices that apply to these answers."""
    capabilities = load_questionnaire(template_root()).capabilities(answers)
    return {practice.id for practice in applicable(load_practices(), capabilities)}


@pytest.mark.parametrize("answers", APPLICATIONS, ids=label)
@pytest.mark.usefixtures("servers")
def test_tests_pass_and_prove_what_applies(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", "--cov", f"--junitxml={junit}")
    assert proven_practices(junit) == practices_of(answers)


@pytest.mark.parametrize("answers", SURROUNDED, ids=label)
@pytest.mark.usefixtures("servers")
def test_what_surrounds_an_application_is_proven_too(answers: Answers, tmp_path: Path, environment: Path) -> None:
    bare = answers | {"deployment": "none", "ci": "none"}
    project, application = render_project(tmp_path / "my-api", answers), render_project(tmp_path / "bare", bare)
    (project / "uv.lock").touch()  # the image's build wants one
    names = {path.relative_to(application) for path in files_of(application) if path.suffix == ".py"}
    assert [name for name in names if (project / name).read_bytes() != (application / name).read_bytes()] == []
    # The same Python passes the same tests; these are new, or read the other files.
    added = {path.relative_to(project) for path in files_of(project) if path.match("tests/**/test_*.py")} - names
    reading = {Path("tests/practices/test_rules.py"), Path("tests/practices/test_tooling.py")}
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", f"--junitxml={junit}", *sorted(added | reading))
    assert practices_of(answers) - practices_of(bare) <= proven_practices(junit) <= practices_of(answers)


@pytest.mark.parametrize("answers", WITHOUT_CI, ids=label)
def test_types_and_layers(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    succeed(project, environment / "lint-imports", PYTHONPATH=".")


ORDERS = {f"app/orders/{name}.py": f'"""Orders, {name}."""\n' for name in ("__init__", "router", "repository")}


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("app/orders/repository.py", "from app.orders import router", "A domain is layered"),
        ("app/core/ids.py", "import app.orders", "The core knows no domain"),
        ("app/orders/repository.py", "import fastapi", "Services and repositories know nothing of HTTP"),
        ("app/orders/router.py", "from app.auth import service", "Other domains meet callers only through"),
        ("app/core/ids.py", "from app.users import repository", "Other domains meet callers only through"),
    ],
)
def test_the_contracts_hold_for_domains_that_nobody_named(
    file: str, line: str, contract: str, tmp_path: Path, environment: Path
) -> None:
    project = render_project(tmp_path / "my-api", VALID[0])
    put(project, ORDERS)
    put(project, {file: f"{(project / file).read_text()}{line}\n"})
    done = run_in(project, environment / "lint-imports", PYTHONPATH=".")
    assert (done.returncode, re.findall(rf"^{contract}.* (KEPT|BROKEN)$", done.stdout, re.M)) == (1, ["BROKEN"])


@pytest.mark.parametrize("answers", APPLICATIONS + TARGETS, ids=label)
def test_mypy_strict(
    answers: Answers, tmp_path: Path, environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = render_project(tmp_path / "my-api", answers)
    cache = tmp_path_factory.getbasetemp() / "mypy"
    paths = [name for name in ("app", "tests", "migrations") if (project / name).exists()]
    succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "--cache-dir", cache, *paths)


@pytest.mark.parametrize("answers", pairwise(), ids=label)
@pytest.mark.usefixtures("servers")
def test_alone_in_an_environment_of_its_own(answers: Answers, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "git", "init", "--quiet")
    succeed(project, "uv", "sync", "--quiet")
    succeed(project, "uv", "run", "--no-sync", "poe", "check")
