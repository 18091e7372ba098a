"""Two people work on a project, each on a branch, and plain `git merge` brings their branches together."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_scaffold import cli
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.engine import render
from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.console import Result
from tests.updating.test_add import CUSTOMER, OWN_ROUTER, follow
from tests.updating.test_in_use import run as shell
from tests.updating.world import commit, git, put

GIVEN = {"project_name": "Shop", "python_version": "3.11"}
VENDOR = ("vendor", "name:str:unique")
# The markers of git around two sides, both of which are kept.
MARKERS = re.compile(r"^(<{7} .*|={7}|>{7} .*)\n", re.MULTILINE)


def shop(place: Path, version: str | None = None, **answers: str) -> Path:
    """Return a project in a repository of its own."""
    project = place / "shop"
    with template.load_versions().checked_out(version or template.own_version()) as root:
        render(GIVEN | answers, project, root, version or template.own_version())
    git(project, "init", "--quiet", "--initial-branch", "main")
    commit(project)
    return project


def run(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    capsys.readouterr()
    where = [str(project)] if arguments[0] == "update" else ["--project", str(project)]
    code = cli.run([*arguments, *where, "--no-verify"])
    captured = capsys.readouterr()
    return Result(code, captured.out, captured.err)


def meet(project: Path, capsys: pytest.CaptureFixture[str], *sides: tuple[str, ...]) -> list[str]:
    """Run a command on each of two branches, ours and theirs, merge them, and return the paths with conflicts."""
    for branch, arguments in zip(("ours", "theirs"), sides, strict=True):
        git(project, "switch", "--quiet", "--create", branch, "main")
        result = run(project, capsys, *arguments)
        assert result.code == 0, result
        commit(project, " ".join(arguments))
    git(project, "switch", "--quiet", "ours")
    git(project, "-c", "user.name=x", "-c", "user.email=x@y", "merge", "--quiet", "theirs", check=False)
    return git(project, "diff", "--name-only", "--diff-filter=U").split()


def keep_both(project: Path, conflicts: list[str]) -> None:
    """Do what the README says: keep the lines of both."""
    for path in conflicts:
        (project / path).write_text(MARKERS.sub("", (project / path).read_text()))
    commit(project, "merge")


def resources(project: Path) -> str:
    return str(yaml.safe_load((project / ANSWERS_FILE).read_text())["resources"])


STORES = [{}, {"database": "none", "auth": "none"}, {"database": "none", "auth": "api_key"}]
SIDES = [(CUSTOMER, VENDOR), (VENDOR, CUSTOMER), (VENDOR, ("venue", "name:str"))]


@pytest.mark.parametrize(
    ("answers", "sides"),
    [(STORES[0], SIDES[0]), (STORES[0], SIDES[1]), (STORES[1], SIDES[0]), (STORES[1], SIDES[1]), (STORES[2], SIDES[2])],
)
def test_two_added_resources_meet_in_one_file(
    answers: Mapping[str, str], sides: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shop(tmp_path, **answers)
    conflicts = meet(project, capsys, *(("add", *side) for side in sides))
    assert set(conflicts) <= {"app/api.py"}
    keep_both(project, conflicts)
    assert resources(project) == "".join(f"{' '.join(side)}; " for side in sides).strip()
    api = (project / "app/api.py").read_text()
    for name in ("items", sides[0][0] + "s", sides[1][0] + "s"):
        assert f"from app.{name}.router import router as {name}\n" in api
        assert f".include_router({name})\n" in api
    assert run(project, capsys, "update").out.endswith("up to date.\n")


def test_what_both_had_before_stays_in_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = shop(tmp_path, resources=" ".join(CUSTOMER))
    assert set(meet(project, capsys, ("add", *VENDOR), ("add", "venue", "name:str"))) <= {"app/api.py"}
    assert resources(project) == f"{' '.join(CUSTOMER)}; {' '.join(VENDOR)}; venue name:str;"


def test_one_adds_while_the_other_changes_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = shop(tmp_path)
    assert meet(project, capsys, ("add", *VENDOR), ("update", "--settings", "single", "--ci", "gitlab")) == []
    recorded = yaml.safe_load((project / ANSWERS_FILE).read_text())
    assert [recorded[name] for name in ("resources", "settings", "ci")] == [f"{' '.join(VENDOR)};", "single", "gitlab"]
    result = run(project, capsys, "add", *CUSTOMER)
    assert result.code == 0, result


@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_one_adds_while_the_other_removes(
    sides: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Git keeps the line of what was removed beside the line of what was added; the next update says so."""
    project = shop(tmp_path, resources=" ".join(CUSTOMER))
    commands = [("add", *VENDOR), ("remove", "customer")]
    conflicts = meet(project, capsys, *(commands[side] for side in sides))
    assert set(conflicts) <= {"app/api.py"}
    path = project / "app/api.py"
    lines = MARKERS.sub("", path.read_text()).splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "customers" not in line))
    commit(project, "merge")
    assert not (project / "app/customers").exists()
    said = "There is no app/customers/ any more. If another branch removed it, let the answers know: fastapi-scaffold"
    assert (f"{said} remove customer\n" in run(project, capsys, "add", "venue", "name:str", "--dry-run").out) == (
        "customer" in resources(project)
    )
    if "customer" in resources(project):
        result = run(project, capsys, "remove", "customer")
        assert (result.code, said in result.out, "poe revision" in result.out) == (0, False, False)
        commit(project)
    assert resources(project) == f"{' '.join(VENDOR)};"
    assert run(project, capsys, "add", "venue", "name:str").code == 0


def test_both_change_the_same_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = shop(tmp_path)
    meet(project, capsys, ("update", "--ci", "gitlab"), ("update", "--ci", "none"))
    git(project, "checkout", "--quiet", "--theirs", ".", check=False)
    commit(project, "merge")
    result = run(project, capsys, "add", *CUSTOMER)
    assert (result.code, result.err) == (
        4,
        f"error: In {project / ANSWERS_FILE} there are two lines for ci, as when two branches have met.\n"
        "\nhint: Delete of each the line that does not hold, and commit.\n",
    )
    path = project / ANSWERS_FILE
    path.write_text(path.read_text().replace("ci: none\n", ""))
    commit(project)
    assert run(project, capsys, "add", *CUSTOMER).code == 0


def test_both_add_the_same_resource_in_the_same_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = shop(tmp_path)
    assert meet(project, capsys, ("add", *CUSTOMER), ("add", *CUSTOMER)) == []
    assert resources(project) == f"{' '.join(CUSTOMER)};"
    assert run(project, capsys, "add", *VENDOR).code == 0


def test_both_add_the_same_resource_in_other_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which of the two is for them to decide: git shows both, and two lines in the answers are refused."""
    project = shop(tmp_path)
    conflicts = meet(project, capsys, ("add", *CUSTOMER), ("add", "customer", "name:str"))
    assert {path.split("/")[1] for path in conflicts} == {"customers"}
    git(project, "checkout", "--quiet", "--ours", ".")
    commit(project, "merge")
    result = run(project, capsys, "add", *VENDOR)
    assert result.code == 2
    assert '"customer" is not possible. There is such a resource already.' in result.err
    assert "Where two branches have met, keep in it what holds for the code that you kept.\n" in result.err
    path = project / ANSWERS_FILE
    path.write_text(path.read_text().replace("  customer name:str;\n", ""))
    commit(project)
    result = run(project, capsys, "add", *VENDOR)
    assert "There are 2 heads: " in result.out
    assert "\n  uv run alembic merge heads -m merge\n" in result.out


@pytest.mark.usefixtures("each_git")
def test_updates_write_the_answers_whatever_git_would_make_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of both sides are kept by `git merge` alone."""
    project = shop(tmp_path, resources=" ".join(CUSTOMER))
    commit(project)
    path = project / ANSWERS_FILE
    path.write_text(path.read_text().replace("description: ", "description: Another. "))
    commit(project)
    assert run(project, capsys, "update", "--ci", "gitlab", "--resources", " ".join(VENDOR)).code == 0
    recorded = yaml.safe_load(path.read_text())
    assert (recorded["ci"], recorded["resources"]) == ("gitlab", f"{' '.join(VENDOR)};")
    assert path.read_text().count("\nci: ") == 1


# ── Versions that came before ─────────────────────────────────────────────────────────────────────────────────────────

OWN = {f"app/opening/{name}.py": f'"""Opening, {name}."""\n' for name in ("__init__", "dependencies", "exceptions")}


# Later ones name no domain in their contracts.
NAMING = [version for version in template.released() if template.is_older(version, "v0.4.1")]
PROJECTS = [(version, STORES[number % 3]) for number, version in enumerate(NAMING)]


@pytest.mark.usefixtures("each_git")
@pytest.mark.parametrize(("version", "answers"), PROJECTS, ids=dict(PROJECTS))
def test_what_contracts_named_one_by_one_is_no_conflict(
    version: str, answers: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a domain and rules of the user's, and with a resource where that version could add some."""
    had = f"{' '.join(VENDOR)}; {' '.join(CUSTOMER)}" if version >= "v0.3" else ""
    project = shop(tmp_path, version, **answers, **({"resources": had} if had else {}))
    put(project, {**OWN, "app/opening/router.py": OWN_ROUTER, ".gitattributes": "*.lock -diff\n"})
    pyproject = project / "pyproject.toml"
    text = pyproject.read_text()
    for before, after in (
        ('  "app.items",\n', '  "app.items",\n  "app.opening",\n'),
        ('containers = ["app.auth", "app.items"', 'containers = ["app.auth", "app.items", "app.opening"'),
        ('containers = ["app.items"', 'containers = ["app.items", "app.opening"'),
        ('forbidden_modules = ["app.api", ', 'forbidden_modules = ["app.api", "app.opening", '),
        ('source_modules = ["app.items"', 'source_modules = ["app.opening", "app.items"'),
        ('"app.items", "app.vendors"]', '"app.items", "app.opening", "app.vendors"]'),
    ):
        text = text.replace(before, after)
    assert text.count("app.opening") == 3 - (answers.get("auth") == "none")
    pyproject.write_text(text)
    commit(project)
    result = run(project, capsys, "update")
    assert (result.code, "conflict" in result.out) == (0, False), result.out
    assert "opening" not in pyproject.read_text()
    assert 'containers = ["app.*"]\n' in pyproject.read_text()
    lines = (project / ".gitattributes").read_text().splitlines()
    assert {"*.lock -diff", ".copier-answers.yml merge=union"} <= set(lines)
    if had:
        added = f"resources: >-\n  {' '.join(VENDOR)};\n  {' '.join(CUSTOMER)};\n"
        assert (project / ANSWERS_FILE).read_text().endswith(added)


# ── For real ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.whole
@pytest.mark.parametrize("answers", ["", "--database none --auth none"], ids=["database", "memory"])
def test_two_branches_become_one_proven_project(
    answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The steps of the README, then those that the third `add` prints."""
    made = shell(tmp_path, f"fastapi-scaffold new shop --defaults --project-name Shop --no-verify {answers}")
    assert made.returncode == 0, made.stderr
    project = tmp_path / "shop"
    keep_both(project, meet(project, capsys, ("add", *VENDOR), ("add", *CUSTOMER)))
    assert shell(project, "uv run poe fix && git commit --quiet --all --message order; git add uv.lock").returncode == 0
    commit(project)
    if not answers:
        report = json.loads(shell(project, "fastapi-scaffold add bill amount:money --json").stdout)
        assert report["next_steps"][0] == "uv run alembic merge heads -m merge"
        assert shell(project, report["undo"]).returncode == 0
        joined = shell(project, f"{report['next_steps'][0]} && git add migrations && git commit --quiet --message join")
        assert joined.returncode == 0, joined.stderr
        follow(project, ["uv run poe migrate"])
    done = shell(project, f"fastapi-scaffold add bill amount:money {'' if answers else 'customer:ref:customer'} --json")
    report = json.loads(done.stdout)
    assert report["ok"], done.stdout
    follow(project, report["next_steps"])
    report = json.loads(shell(project, "fastapi-scaffold update --ci gitlab --no-verify --json").stdout)
    assert (report["applied"], report["conflicts"]) == (True, [])
