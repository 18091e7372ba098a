"""Each answer is changed to each other one in a project in use, and everything that the report says is done.

Then the project is proven, and what the user had written is there. All of it takes half an hour, in the
slow lane; in the whole lane each question changes once.
"""

import json
import re
import resource
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from itertools import permutations
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from fastapi_scaffold.writing.dotenv import variables, with_secrets, write_dotenv
from fastapi_scaffold.writing.engine import render
from tests.console import CHECKOUT
from tests.template.combinations import CHOICES, EXTRAS, PYTHONS, VALUES, refusal
from tests.template.fictions import FICTIONAL, add_extras
from tests.template.projects import PYTHON
from tests.template.servers import database_for, mariadb_on_path
from tests.updating.test_add import VERSIONS, migration, newest
from tests.updating.test_in_use import edit, options
from tests.updating.test_in_use import run as shell
from tests.updating.world import commit, git, put

Answers = Mapping[str, str]
SERVERS = {"postgresql", "mysql"}
ALONE = {"database": "none", "auth": "none", "deployment": "none", "ci": "none"}
# From what costs the least to what can have any extra.
BARE = [
    ALONE | {"database": database, "auth": auth}
    for auth in ("none", "jwt")
    for database in ("none", "sqlite", "postgresql", "mysql")
]
USUAL = {"database": "sqlite", "auth": "jwt", "deployment": "none", "ci": "none"}
CUSTOMER, INVOICE = "customer name:str:unique email:email", "invoice number:str:unique amount:money"
RULE = """        if new.name.startswith("Stolen"):
            raise InvalidPeriod
"""
TEST = """

async def test_nothing_stolen_is_kept(user: AsyncClient) -> None:
    assert (await user.post(URL, json=BICYCLE | {"name": "Stolen bicycle"})).status_code == 422
"""


def around(question: str, values: tuple[str, str]) -> Answers:
    """Return the other answers: what costs the least, and can go with both values."""
    if question in {"auth", "settings"}:
        others = USUAL
    elif question == "deployment":
        others = ALONE | {"database": "none" if {"kubernetes", "aws_lambda"} & {*values} else "sqlite"}
    elif question in EXTRAS:
        others = next(one for one in BARE if not any(refusal({**one, question: value}) for value in values))
    else:
        others = ALONE
    return {name: value for name, value in others.items() if name != question}


ALL = VALUES | EXTRAS
CHANGES = [
    pytest.param(question, *values, id=f"{question}-{'-'.join(values)}")
    for question in ALL
    for values in permutations(ALL[question], 2)
]
# One change of each question, what a database leaves behind, and two extras with tables of their own.
ROUND = {(name, *values[:2]) for name, values in VALUES.items()} | {("database", "sqlite", "none")}
ROUND |= {("jobs", "none", "procrastinate"), ("mail", "none", "smtp")}
LANES = [
    pytest.param(*row.values, id=row.id, marks=pytest.mark.whole if row.values in ROUND else pytest.mark.slow)
    for row in CHANGES
]
Base = Callable[..., Path]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Return a function that copies a project in use: two resources, a rule of the user's and its test."""
    place = tmp_path_factory.mktemp("bases")

    def copy(target: Path, *, reference: bool, **answers: str) -> Path:
        name = "-".join([*answers.values(), str(reference)])
        if not (place / name).exists():
            refers = " customer:ref:customer" if reference else ""
            for command in (
                f"fastapi-scaffold new {name} --defaults --project-name Shop --no-verify {options(dict(answers))}",
                f"cd {name} && fastapi-scaffold add {CUSTOMER} --no-verify && git commit -qam customers",
                f"cd {name} && fastapi-scaffold add {INVOICE}{refers} --no-verify && git commit -qam invoices",
            ):
                done = shell(place, command)
                assert done.returncode == 0, done.stderr
            service, tests = "app/items/service.py", "tests/items/test_items.py"
            create = "    async def create(self, new: ItemCreate) -> Item:\n"
            edit(place / name, service, create, create + RULE)
            edit(place / name, service, "import ItemNotFound\n", "import InvalidPeriod, ItemNotFound\n")
            (place / name / tests).write_text((place / name / tests).read_text() + TEST)
            if answers.get("python_version", PYTHON) == PYTHON:
                assert shell(place / name, "uv lock").returncode == 0
            commit(place / name)
        shutil.copytree(place / name, target, symlinks=True)
        return target

    return copy


@pytest.fixture(scope="module")
def mariadb() -> Generator[str]:
    """Provide the one server that no package of Python brings; returns why that is impossible."""
    with mariadb_on_path() as reason:
        yield reason


@pytest.fixture(autouse=True)
def measured(request: pytest.FixtureRequest, base: Base) -> Iterator[None]:
    """Say what the row costs; `pytest -rP` shows it."""
    del base
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(f"{request.node.name}: {seconds:.1f} s of CPU\n")


@pytest.mark.parametrize(("question", "before", "after"), LANES)
def test_a_changed_answer_leads_to_a_proven_project(
    question: str, before: str, after: str, tmp_path: Path, base: Base, mariadb: str
) -> None:
    if mariadb and "mysql" in {before, after}:
        pytest.skip(mariadb)
    others = around(question, (before, after))
    if mariadb and others.get("database") == "mysql":
        pytest.skip(mariadb)
    assert not refusal({**ALONE, **others, question: after})
    databases = {before, after} if question == "database" else {others["database"]}
    refers = "none" not in databases
    project = base(tmp_path / "shop", reference=refers, **{**others, question: before})
    updated = shell(project, f"fastapi-scaffold update --json {options({question: after})}")
    report = json.loads(updated.stdout)
    assert (updated.returncode in {0, 5}, report.get("conflicts")) == (True, []), updated.stdout
    assert (updated.returncode == 0) == (report["proof"] is not None), updated.stdout
    follow(project, report["next_steps"], after if question == "database" else others["database"])
    assert updated.returncode == 0 or "fastapi-scaffold verify" in report["next_steps"]
    assert git(project, "status", "--porcelain") in {"", "?? app.db"}
    assert RULE in (project / "app/items/service.py").read_text()
    assert TEST in (project / "tests/items/test_items.py").read_text()
    assert shell(project, "fastapi-scaffold update --check").returncode == 0


def follow(project: Path, steps: list[str], database: str = "") -> None:
    """Do what the steps say, word for word; a database server is there, as soon as it is asked for."""
    with ExitStack() as running:
        address = ""
        if database in SERVERS:
            assert shell(project, "uv sync").returncode == 0
            address = running.enter_context(database_for(project, database, project / ".venv/bin/python"))
            if not any(step.startswith("In .env, ") and "URL" in step for step in steps):
                fill_in(project, "change APP_DATABASE__URL", address)
        for step in steps:
            if step.startswith("In .env, "):
                fill_in(project, step, address)
            elif "database server" not in step:
                done = shell(project, step)
                assert done.returncode == 0, f"{step}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


def fill_in(project: Path, step: str, address: str) -> None:
    """Do in `.env` what the step says, with what `.env.example` explains."""
    explained = variables(with_secrets((project / ".env.example").read_text()))
    settings = variables((project / ".env").read_text())
    for what, names in re.findall(r"(write|change|rename or delete) ([A-Z_, ]+)", step):
        for name in names.split(", "):
            if what == "rename or delete":
                del settings[name]
            else:
                settings[name] = address if address and name.endswith("URL") else explained[name]
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


@pytest.fixture(scope="module")
def fictional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the program is with a template that has extras that do not exist."""
    root = add_extras(tmp_path_factory.mktemp("fictional") / "program")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "fastapi_scaffold", root / "fastapi_scaffold", ignore=ignored)
    return root


EACH = [{name: value} for name, value in CHOICES]
FICTIONS = {question: name for name, question in FICTIONAL.items()}
GOING = [
    pytest.param(one, id="-".join(one.values()), marks=pytest.mark.whole if one in EACH else [])
    for one in [FICTIONS, *EACH]
]


@pytest.mark.parametrize("extras", GOING)
def test_an_extra_that_comes_and_goes_leaves_nothing(extras: dict[str, str], tmp_path: Path, fictional: Path) -> None:
    """But for migrations, which are the user's, and what the user writes meanwhile."""
    bare = next(one for one in BARE if not refusal({**one, **(extras if extras in EACH else {})}))
    project, program = tmp_path / "shop", f"PYTHONPATH={fictional} fastapi-scaffold"
    for command in (
        f"{program} new shop --defaults --project-name Shop --no-verify {options(bare)}",
        f"cd shop && {program} add {CUSTOMER} --no-verify && git commit -qam customers",
    ):
        done = shell(tmp_path, command)
        assert done.returncode == 0, done.stderr
    for changes in (extras, dict.fromkeys(extras, "none")):
        updated = shell(project, f"{program} update --no-verify --json {options(changes)}")
        assert json.loads(updated.stdout)["conflicts"] == [], updated.stdout
        for name in extras.values() if extras is FICTIONS else ():
            assert (project / f"app/{name}/router.py").exists() is (name in changes.values())
        put(project, {"NOTES.md": "mine\n"})
        commit(project)
    left = git(project, "diff", "--stat", "HEAD~2", "--", ".", ":!migrations/versions", ":!uv.lock")
    assert "NOTES.md" in left
    assert "1 file changed" in left


@pytest.mark.slow
@pytest.mark.parametrize("change", ["customer", "swap"])
def test_changed_resources_lead_to_a_proven_project(change: str, tmp_path: Path, base: Base) -> None:
    project = base(tmp_path / "shop", reference=False, **USUAL)
    resources = INVOICE if change == "customer" else f"{INVOICE}; {CUSTOMER} phone:str:optional"
    updated = shell(project, f"fastapi-scaffold update --json --resources '{resources}'")
    report = json.loads(updated.stdout)
    assert (updated.returncode, report["conflicts"]) == (5, []), updated.stdout
    follow(project, report["next_steps"])
    assert "fastapi-scaffold verify" in report["next_steps"]


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), list(permutations(PYTHONS, 2)))
def test_another_python(before: str, after: str, tmp_path: Path, base: Base) -> None:
    """Where it is not on this machine, that is said, and how to get it; nothing is proven then."""
    project = base(tmp_path / "shop", reference=False, python_version=before, **ALONE)
    updated = shell(project, f"fastapi-scaffold update --json --python-version {after}")
    report = json.loads(updated.stdout)
    if not is_here(project, after):
        assert updated.returncode == 5, updated.stdout
        assert f"uv python install {after}" in report["next_steps"]
        return
    assert updated.returncode == 0, updated.stdout
    follow(project, report["next_steps"])


def is_here(project: Path, version: str) -> bool:
    """Tell whether uv finds such a Python; a version manager's shims depend on what the project asks for."""
    return shell(project, f"uv python find --system --no-python-downloads '>={version}'").returncode == 0


@pytest.mark.whole
def test_a_reference_needs_the_database_that_would_go(tmp_path: Path, base: Base) -> None:
    project = base(tmp_path / "shop", reference=True, **USUAL | {"auth": "oidc"})
    refused = shell(project, "fastapi-scaffold update --database none")
    assert refused.returncode == 2
    assert "References need a database" in refused.stderr
    assert git(project, "status", "--porcelain") == ""


# ── The steps alone ───────────────────────────────────────────────────────────────────────────────────────────────────

WRITTEN = [
    "uv run poe migrate",
    "uv run poe revision 'what changed'",
    "uv run poe migrate",
    "git add migrations/versions",
]
SETTINGS, VERIFY = "In .env, as .env.example explains: ", "fastapi-scaffold verify"
STEPS = [
    ({"auth": "none"}, {"database": "none"}, ["-URL", "uv lock", "git rm -r --quiet migrations/versions", VERIFY]),
    ({"auth": "none"}, {"auth": "jwt"}, ["+SECRET_KEY", "uv lock", *WRITTEN, VERIFY]),
    ({"auth": "none"}, {"auth": "oidc"}, ["+ISSUER", "uv lock", *WRITTEN, VERIFY]),
    ({"auth": "jwt"}, {"auth": "session"}, ["-SECRET_KEY", "uv lock", *WRITTEN, VERIFY]),
    ({"auth": "jwt"}, {"settings": "single"}, ["+SECRET_KEY", VERIFY]),
    ({}, {"database": "postgresql"}, ["+PASSWORD", "uv run poe database", "uv lock", VERIFY, "uv run poe migrate"]),
    ({"deployment": "none"}, {"database": "mysql"}, ["+PASSWORD", "Set up", "uv lock", VERIFY, "uv run poe migrate"]),
    ({"database": "none", "auth": "none"}, {"database": "sqlite"}, ["+URL", "uv lock", VERIFY, "uv run poe migrate"]),
    ({}, {"ci": "gitlab"}, [VERIFY]),
    ({"deployment": "none"}, {"deployment": "systemd"}, [VERIFY]),
]


@pytest.mark.whole
@pytest.mark.parametrize(("before", "after", "steps"), STEPS)
def test_the_steps_come_in_the_order_in_which_they_can_be_done(
    before: Answers, after: Answers, steps: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "shop"
    defaults = {"database": "sqlite", "auth": "jwt", "deployment": "docker", "ci": "github"}
    render({"project_name": "Shop", "python_version": PYTHON, **defaults, **before}, project)
    write_dotenv(project)
    git(project, "init", "--quiet")
    put(project, {"uv.lock": "old\n"})
    commit(project)
    if (project / VERSIONS).exists():
        # What is the user's stays, and with it the directory.
        put(project, {f"{VERSIONS}/2026-02-02_a1_own.py": migration("a1", newest(project))})
        commit(project)
    assert cli.run(["update", str(project), "--no-verify", "--json", *options(dict(after)).split()]) == 0
    found = json.loads(capsys.readouterr().out)["next_steps"][1:-1]
    assert len(found) == len(steps), found
    for step, expected in zip(found, steps, strict=True):
        if expected[0] in "+-":
            assert step.startswith(SETTINGS)
            what = "write" if expected[0] == "+" else "rename or delete"
            assert re.search(rf"{what} [A-Z_, ]*_{expected[1:]}\b", step), step
        else:
            assert step.startswith(expected)
