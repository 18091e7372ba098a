"""A practice counts as proven only if breaking it makes the project's own test of it fail."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from fastapi_scaffold.proving.practices import load_practices
from tests.sabotage import BROKEN, Runner, Saboteur, compile_by_content, load_saboteurs
from tests.template.combinations import VALID, Answers, refusal
from tests.template.projects import render_project

DEFAULT = VALID[0]
SABOTEURS = load_saboteurs()


def test_every_proven_practice_has_a_saboteur() -> None:
    provided_by_no_answer = set[str]()
    proven = {
        practice.id
        for practice in load_practices()
        if practice.proof == "test" and not set(practice.requires) & provided_by_no_answer
    }
    assert proven - {saboteur.practice for saboteur in SABOTEURS} == set()
    assert {saboteur.practice for saboteur in SABOTEURS} - proven == set()


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Callable[[Answers], Path]:
    """Return a function that renders one project for each set of answers that saboteurs need."""
    rendered: dict[str, Path] = {}

    def give(answers: Answers) -> Path:
        if repr(answers) not in rendered:
            project = render_project(tmp_path_factory.mktemp("sabotage") / "my-api", DEFAULT | answers)
            (project / "uv.lock").touch()
            compile_by_content(environment / "python", project)
            (project / ".venv").symlink_to(environment.parent)
            rendered[repr(answers)] = project
        return rendered[repr(answers)]

    return give


@pytest.fixture(scope="session")
def runner(environment: Path, mariadb: str, redis: str) -> Generator[Runner]:
    """Run the tests of projects, where the servers are on PATH already."""
    del mariadb, redis
    with Runner(environment / "python") as one:
        yield one


FIRST = list({(row.practice, repr(row.answers)): row for row in reversed(SABOTEURS)}.values())


def lane(row: Saboteur) -> tuple[pytest.MarkDecorator, ...]:
    """Return the marks of a saboteur: the default project's run always, of another one the first of each practice."""
    if not row.answers:
        return ()
    return (pytest.mark.whole,) if row in FIRST else (pytest.mark.slow,)


INTACT = [
    pytest.param(row, id="-".join(row.answers.values()) or "default", marks=(pytest.mark.whole,) if row.answers else ())
    for row in {repr(row.answers): row for row in SABOTEURS}.values()
]


@pytest.mark.parametrize("saboteur", INTACT)
@pytest.mark.usefixtures("servers")
def test_an_intact_project_passes(saboteur: Saboteur, projects: Callable[[Answers], Path], runner: Runner) -> None:
    code, output = runner.run_practice(projects(saboteur.answers), saboteur.practice)
    assert code == 0, output[-3000:]


@pytest.mark.parametrize(
    "saboteur",
    [pytest.param(row, id=f"{row.practice}-{number}", marks=lane(row)) for number, row in enumerate(SABOTEURS)],
)
@pytest.mark.usefixtures("servers")
def test_the_saboteur_is_caught(saboteur: Saboteur, projects: Callable[[Answers], Path], runner: Runner) -> None:
    assert not refusal(DEFAULT | saboteur.answers)
    code, output = runner.sabotage(projects(saboteur.answers), saboteur)
    assert code == 1, f"pytest exit {code}: the test of {saboteur.practice} did not fail\n{output[-3000:]}"


def test_a_run_that_breaks_is_no_test_that_fails(tmp_path: Path, runner: Runner) -> None:
    code, output = runner.run_practice(tmp_path / "nowhere", "some-practice")
    assert (code, "FileNotFoundError" in output) == (BROKEN, True)
