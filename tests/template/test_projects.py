"""Every combination does what it promises: typed, tested, covered, and each practice that applies is proven."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import (
    APPLICATIONS,
    SURROUNDED,
    TARGETS,
    VALID,
    WITHOUT_CI,
    Answers,
    applications,
    label,
    pairs,
)
from tests.template.projects import files_of, new_project, render_project, run_in, succeed
from tests.updating.world import put

QUESTIONNAIRE = load_questionnaire(template_root())
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
    return {practice.id for practice in applicable(load_practices(), QUESTIONNAIRE.capabilities(answers))}


# Each database with each way to sign in, as people ask for it first: as it is, and with the resources that the wizard
# shows as its example, of which the second refers to the first.
PLACEHOLDER = next(question.placeholder for question in QUESTIONNAIRE.questions if question.name == "resources")
FIRST = applications(2)
BARE, POPULATED = FIRST[: len(FIRST) // 2], FIRST[len(FIRST) // 2 :]


def test_every_pair_of_values_is_proven() -> None:
    assert {pair for answers in VALID for pair in pairs(answers)} - {pair for one in FIRST for pair in pairs(one)} == set()


@pytest.mark.parametrize("answers", BARE, ids=label)
@pytest.mark.usefixtures("servers")
def test_new_proves(answers: Answers, tmp_path: Path) -> None:
    report = new_project(tmp_path / "my-api", answers)
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)
    # And so does a pipeline, which has what is committed and nothing else.
    clone = tmp_path / "clone"
    succeed(tmp_path, "git", "clone", "--quiet", "my-api", "clone")
    assert not (clone / ".env").exists()
    succeed(clone, "uv", "sync", "--quiet", "--locked")
    succeed(clone, "uv", "run", "--no-sync", "poe", "check")


@pytest.mark.parametrize("answers", POPULATED, ids=label)
@pytest.mark.usefixtures("servers")
def test_new_proves_with_resources(answers: Answers, tmp_path: Path) -> None:
    # References need a database.
    resources = PLACEHOLDER if answers["database"] != "none" else re.sub(r" \w+:ref:\w+", "", PLACEHOLDER)
    report = new_project(tmp_path / "my-api", answers | {"resources": resources})
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)


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
