"""Every combination does what it promises: typed, tested, covered, and each practice that applies is proven."""

import re
from math import ceil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import (
    ALONE,
    EMPTY,
    TOGETHER,
    TRIPLES,
    VALID,
    Answers,
    applications,
    few,
    label,
    pairs,
)
from tests.template.projects import given, new_project, render_project, run_in, shared_renders, succeed
from tests.template.sample import Sample
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
    return {
        practice.id
        for practice in applicable(load_practices(), QUESTIONNAIRE.capabilities({"example": "item", **answers}))
    }


# Each database with each way to sign in, as people ask for it first: as it is, and with the resources that the wizard
# shows as its example, of which the second refers to the first.
PLACEHOLDER = next(question.placeholder for question in QUESTIONNAIRE.questions if question.name == "resources")
FIRST = applications(2)
BARE, POPULATED = FIRST[: len(FIRST) // 2], FIRST[len(FIRST) // 2 :]
# The default project as it is, and two others with resources, of which one has a server and one no database at all.
ALWAYS = [
    BARE[0],
    *(one for one in POPULATED if (one["database"], one["auth"]) in {("postgresql", "session"), ("none", "oidc")}),
]
# With something around the application: every triple, and of those few with every database and every way to sign in.
SURROUNDED = [answers for answers in TRIPLES if (answers["deployment"], answers["ci"]) != ("none", "none")]
NEAR = few(SURROUNDED)
SMALLEST = next(one for one in EMPTY if {one["database"], one["auth"]} == {"none"})


def lanes(combinations: list[Answers], whole: list[Answers]) -> list[Any]:
    """Give each a lane of its own: three are always proven, some in the whole lane, the others in the slow one."""
    mark = {True: [pytest.mark.whole], False: [pytest.mark.slow]}
    return [pytest.param(one, marks=[] if one in ALWAYS else mark[one in whole], id=label(one)) for one in combinations]


def test_the_default_project_is_always_proven() -> None:
    assert ALWAYS[0] == VALID[0]
    assert len(ALWAYS) == 3


def test_every_pair_of_values_is_proven() -> None:
    assert {pair for answers in VALID for pair in pairs(answers)} - {
        pair for one in FIRST for pair in pairs(one)
    } == set()


@pytest.mark.parametrize("answers", lanes(BARE, few(BARE)[:2]))
@pytest.mark.usefixtures("servers")
def test_new_proves(answers: Answers, tmp_path: Path) -> None:
    report = new_project(tmp_path / "my-api", answers)
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)
    if answers not in few(BARE):
        return
    # And so does a pipeline, which has what is committed and nothing else.
    clone = tmp_path / "clone"
    succeed(tmp_path, "git", "clone", "--quiet", "my-api", "clone")
    assert not (clone / ".env").exists()
    succeed(clone, "uv", "sync", "--quiet", "--locked")
    succeed(clone, "uv", "run", "--no-sync", "poe", "check")


@pytest.mark.parametrize("answers", lanes(POPULATED, few(POPULATED)))
@pytest.mark.usefixtures("servers")
def test_new_proves_with_resources(answers: Answers, tmp_path: Path) -> None:
    # References need a database.
    resources = PLACEHOLDER if answers["database"] != "none" else re.sub(r" \w+:ref:\w+", "", PLACEHOLDER)
    report = new_project(tmp_path / "my-api", answers | {"resources": resources})
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)


@pytest.mark.parametrize("answers", lanes(ALONE + TOGETHER, few(TOGETHER)[:2]))
@pytest.mark.usefixtures("servers")
def test_new_proves_with_extras(answers: Answers, tmp_path: Path) -> None:
    report = new_project(tmp_path / "my-api", answers)
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)


@pytest.mark.parametrize("answers", lanes(EMPTY, [SMALLEST, *EMPTY[-4::2]]))
@pytest.mark.usefixtures("servers")
def test_new_proves_without_the_example(answers: Answers, tmp_path: Path) -> None:
    report = new_project(tmp_path / "my-api", answers)
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)


@pytest.mark.parametrize("answers", lanes(SURROUNDED, NEAR))
@pytest.mark.usefixtures("servers")
def test_what_surrounds_an_application_is_proven_too(answers: Answers, tmp_path: Path, environment: Path) -> None:
    """The application's own Python is the same as without, and so passes the same tests."""
    bare = answers | {"deployment": "none", "ci": "none"}
    project, names = render_project(tmp_path / "my-api", answers), shared_renders().of(given(bare)).files
    (project / "uv.lock").touch()  # the image's build wants one
    # These tests are new, or read the other files.
    tests = {path.relative_to(project) for path in project.glob("tests/**/test_*.py")}
    added = {path for path in tests if str(path) not in names}
    reading = {Path("tests/practices/test_rules.py"), Path("tests/practices/test_tooling.py")}
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", f"--junitxml={junit}", *sorted(added | reading))
    assert practices_of(answers) - practices_of(bare) <= proven_practices(junit) <= practices_of(answers)


# Projects are checked in so many parts, which processes share.
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_types_and_layers(sample: Sample, part: int, tmp_path: Path, environment: Path) -> None:
    for answers in sample.apart[part::PARTS]:
        project = render_project(tmp_path / label(answers) / "my-api", answers)
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
    assert (done.returncode, re.findall(rf"^{contract}.* (KEPT|BROKEN)$", done.stdout, re.MULTILINE)) == (1, ["BROKEN"])


@pytest.mark.slow
@pytest.mark.parametrize("sample", [VALID], ids=["all"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_mypy_strict(sample: Sample, part: int, tmp_path: Path, environment: Path) -> None:
    # In parts of their own, so that each application comes right after those that it shares most with.
    cache = tmp_path / "mypy"
    size = ceil(len(sample.apart) / PARTS)
    for answers in sorted(sample.apart, key=label)[part * size : (part + 1) * size]:
        project = render_project(tmp_path / label(answers) / "my-api", answers)
        paths = [name for name in ("app", "tests", "migrations") if (project / name).exists()]
        succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "--cache-dir", cache, *paths)
