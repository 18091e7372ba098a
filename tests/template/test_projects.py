"""Every combination does what it promises: typed, tested, covered, and each practice that applies is proven."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from fastapi_scaffold.practices import applicable, load_practices
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import APPLICATIONS, TARGETS, VALID, label, pairwise
from tests.template.projects import render_project, succeed

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


@pytest.mark.parametrize("answers", VALID, ids=label)
@pytest.mark.usefixtures("servers")
def test_tests_pass_and_prove_what_applies(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    (project / "uv.lock").touch()  # the image's build wants one
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", "--cov", f"--junitxml={junit}")
    capabilities = load_questionnaire(template_root()).capabilities(answers)
    expected = {practice.id for practice in applicable(load_practices(), capabilities)}
    assert proven_practices(junit) == expected


@pytest.mark.parametrize("answers", VALID, ids=label)
def test_types_and_layers(answers: dict[str, str], tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    succeed(project, environment / "lint-imports", PYTHONPATH=".")


@pytest.mark.parametrize("answers", APPLICATIONS + TARGETS, ids=label)
def test_mypy_strict(
    answers: dict[str, str], tmp_path: Path, environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = render_project(tmp_path / "my-api", answers)
    cache = tmp_path_factory.getbasetemp() / "mypy"
    paths = [name for name in ("app", "tests", "migrations") if (project / name).exists()]
    succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "--cache-dir", cache, *paths)


@pytest.mark.parametrize("answers", pairwise(), ids=label)
@pytest.mark.usefixtures("servers")
def test_alone_in_an_environment_of_its_own(answers: dict[str, str], tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "git", "init", "--quiet")
    succeed(project, "uv", "sync", "--quiet")
    succeed(project, "uv", "run", "--no-sync", "poe", "check")
