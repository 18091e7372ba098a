"""A practice counts as proven only if breaking it makes the project's own test of it fail."""

from collections.abc import Generator
from pathlib import Path

import pytest

from fastapi_scaffold.proving.practices import load_practices
from tests.sabotage import Runner, Saboteur, load_saboteurs
from tests.template.combinations import VALID
from tests.template.projects import render_project

DEFAULT = VALID[0]
SABOTEURS = load_saboteurs()


def test_every_proven_practice_has_a_saboteur() -> None:
    provided_by_no_answer = {"cache", "queue", "streaming", "telemetry"}
    proven = {
        practice.id
        for practice in load_practices()
        if practice.proof == "test" and not set(practice.requires) & provided_by_no_answer
    }
    assert proven - {saboteur.practice for saboteur in SABOTEURS} == set()
    assert {saboteur.practice for saboteur in SABOTEURS} - proven == set()


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> dict[str, Path]:
    """Return one rendered project for each set of answers that saboteurs need."""
    rendered: dict[str, Path] = {}
    for saboteur in SABOTEURS:
        key = repr(saboteur.answers)
        if key not in rendered:
            project = render_project(tmp_path_factory.mktemp("sabotage") / "my-api", DEFAULT | saboteur.answers)
            (project / "uv.lock").touch()
            (project / ".venv").symlink_to(environment.parent)
            rendered[key] = project
    return rendered


@pytest.fixture(scope="session")
def runner(environment: Path, mariadb: str) -> Generator[Runner]:
    """Run the tests of projects, where the servers are on PATH already."""
    del mariadb
    with Runner(environment / "python") as one:
        yield one


def test_an_intact_project_passes(projects: dict[str, Path], runner: Runner) -> None:
    for saboteur in {repr(row.answers): row for row in SABOTEURS if "mysql" not in repr(row.answers)}.values():
        code, output = runner.run_practice(projects[repr(saboteur.answers)], saboteur.practice)
        assert code == 0, output[-3000:]


@pytest.mark.parametrize(
    "saboteur", [pytest.param(row, id=f"{row.practice}-{number}") for number, row in enumerate(SABOTEURS)]
)
@pytest.mark.usefixtures("servers")
def test_the_saboteur_is_caught(saboteur: Saboteur, projects: dict[str, Path], runner: Runner) -> None:
    assert {name: value for name, value in (DEFAULT | saboteur.answers).items() if name in DEFAULT} in VALID
    code, output = runner.sabotage(projects[repr(saboteur.answers)], saboteur)
    assert code == 1, f"pytest exit {code}: the test of {saboteur.practice} did not fail\n{output[-3000:]}"
