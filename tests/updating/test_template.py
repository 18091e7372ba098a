"""Updates of the real template: the same version is no change, released versions become what a fresh render gives."""

import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.engine import render
from tests.template.combinations import VALID, Answers, covering, label, pairs
from tests.template.projects import NAME, PYTHON
from tests.updating.packages import copy_template
from tests.updating.world import World, commit, git, put, snapshot

GIVEN = {"project_name": NAME, "description": "An API.", "python_version": PYTHON}


def bump(root: Path, destination: Path) -> Path:
    """Return the same template with one file more: the least that makes another version."""
    put(copy_template(destination, root), {"template/ZZZ.md": "x\n"})
    return destination


VERSIONS = dict.fromkeys([*template.released(), template.own_version()])
# In the whole lane every version occurs with every choice; the slow lane takes all.
UPDATED = covering([{**answers, "version": version} for version in VERSIONS for answers in VALID], pairs)


def lane(answers: Answers, whole: list[Answers]) -> tuple[pytest.MarkDecorator, ...]:
    """Return the marks of a combination: the default project is always updated."""
    if VALID[0].items() <= answers.items():
        return ()
    return (pytest.mark.whole,) if answers in whole else (pytest.mark.slow,)


@pytest.mark.parametrize(
    "answers", [pytest.param(answers, id=label(answers), marks=lane(answers, [])) for answers in VALID]
)
def test_an_unmodified_project_becomes_what_a_fresh_render_gives(
    answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a project of its own version has nothing to do."""
    from tools.release import append

    package = tmp_path / "package"
    bump(template.template_root(), package / "_template")
    append(package / "versions.bundle", "v0.1.0", template.template_root())
    append(package / "versions.bundle", "v0.2.0", package / "_template")
    project = tmp_path / "project"
    render(GIVEN | answers, project, template.template_root(), "v0.1.0")
    git(project, "init", "--quiet")
    commit(project)
    monkeypatch.setattr(template, "_package", lambda: package)
    monkeypatch.setattr(template, "__version__", "0.2.0")
    before = snapshot(project)
    assert cli.run(["update", str(project), "--no-verify", "--to", "0.1.0"]) == 0
    assert snapshot(project) == before
    assert cli.run(["update", str(project), "--no-verify"]) == 0
    fresh = tmp_path / "fresh"
    render(GIVEN | answers, fresh, package / "_template", "v0.2.0")
    assert files(project) == files(fresh)


def files(directory: Path) -> dict[str, tuple[int, bytes]]:
    return {name: found for name, found in snapshot(directory).items() if not name.startswith(".git/")}


@pytest.mark.parametrize(
    ("version", "answers"),
    [
        pytest.param(
            version,
            answers,
            id=f"{version}-{label(answers)}",
            marks=lane({**answers, "version": version}, UPDATED),
        )
        for version in VERSIONS
        for answers in VALID
    ],
)
def test_every_version_becomes_this_one(version: str, answers: Answers, tmp_path: Path) -> None:
    versions, given = template.load_versions(), GIVEN | answers
    project, fresh = tmp_path / "project", tmp_path / "fresh"
    with versions.checked_out(version) as root:
        render(given, project, root, version)
    git(project, "init", "--quiet")
    commit(project)
    assert cli.run(["update", str(project), "--no-verify"]) == 0
    render(given, fresh)
    # Migrations are the user's from the first day.
    assert {name: found for name, found in files(project).items() if not name.startswith("migrations/versions/")} == {
        name: found for name, found in files(fresh).items() if not name.startswith("migrations/versions/")
    }


@pytest.mark.parametrize("auth", ["jwt", "session"])
def test_what_the_template_has_exchanged_in_a_history_gets_a_bridge(
    auth: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a project that has the old file; it comes after the last one, before others, and once."""
    project, given = tmp_path / "project", GIVEN | VALID[0] | {"auth": auth, "resources": "customer name:str"}
    with template.load_versions().checked_out("v0.4.1") as root:
        render(given, project, root, "v0.4.1")
    git(project, "init", "--quiet")
    commit(project)
    before = files(project / "migrations/versions")
    assert cli.run(["update", str(project), "--no-verify"]) == 0
    after = files(project / "migrations/versions")
    bridge, last = sorted(after.keys() - before.keys())
    assert before.items() <= after.items()
    assert b'\ndown_revision = "0004"\n' in after[bridge][1]
    assert f'\ndown_revision = "{bridge.split("_")[1]}"\n'.encode() in after[last][1]
    assert "The migration of what is new comes after your last one." in capsys.readouterr().out
    commit(project)
    assert cli.run(["add", "invoice", "amount:money", "--project", str(project), "--no-verify"]) == 0
    assert len(files(project / "migrations/versions")) == len(after) + 1


LISTED = "customer name:str; invoice number:str:unique customer:ref:customer"


@pytest.mark.parametrize("version", ["v0.4.1", "v0.5.0"])
@pytest.mark.parametrize(("auth", "example"), [("oidc", "item"), ("none", "item"), ("none", "none")])
def test_the_lists_of_a_project_in_use_get_an_index(version: str, auth: str, example: str, tmp_path: Path) -> None:
    """By one migration, whose tables are those of the project; not where a table has changed in something else, too."""
    project, given = tmp_path / "project", GIVEN | VALID[0] | {"auth": auth, "resources": LISTED}
    with template.load_versions().checked_out(version) as root:
        render(given, project, root, version)
    git(project, "init", "--quiet")
    commit(project)
    before = files(project / "migrations/versions")
    assert cli.run(["update", str(project), "--no-verify", "--example", example]) == 0
    after = files(project / "migrations/versions")
    if example == "none":
        assert after == before
        return
    [bridge] = after.keys() - before.keys()
    assert before.items() <= after.items()
    assert b'TABLES = [\n    "item",\n    "customer",\n    "invoice",\n]\n' in after[bridge][1]
    assert b'\ndown_revision = "0005"\n' in after[bridge][1]


def test_migrations_that_their_owner_changed_stay_as_they_are(tmp_path: Path) -> None:
    """What is new comes after the last of them, and looks for itself which tables are there."""
    project = without_queries(tmp_path / "project", resources=LISTED)
    versions = project / "migrations/versions"
    edited, gone = versions / "2026-01-01_0004_create_customers.py", versions / "2026-01-01_0005_create_invoices.py"
    edited.write_text(edited.read_text().replace("op.create_index(", "# MINE\n    op.create_index("))
    (versions / "mine.py").write_text(gone.read_text().replace('revision = "0005"', 'revision = "mine"'))
    gone.unlink()
    commit(project)
    before = files(versions)
    assert cli.run(["update", str(project), "--no-verify"]) == 0
    after = files(versions)
    [bridge] = after.keys() - before.keys()
    assert before.items() <= after.items()
    assert b'\ndown_revision = "mine"\n' in after[bridge][1]


def without_queries(project: Path, **answers: str) -> Path:
    """Make a project whose lists have nothing but pages."""
    with template.load_versions().checked_out("v0.5.0") as root:
        render(GIVEN | VALID[0] | answers, project, root, "v0.5.0")
    git(project, "init", "--quiet")
    commit(project)
    return project


def test_fields_may_be_called_like_the_parameters_of_lists(tmp_path: Path) -> None:
    resources = "odd sort:enum:a,b limit:bool search:uuid offset:int query:enum:x,y; saved_query query:str sort:text"
    project = without_queries(tmp_path / "project", resources=resources)
    assert cli.run(["update", str(project), "--no-verify"]) == 0
    schemas = (project / "app/odds/schemas.py").read_text()
    for line in ("sort__in: Many[OddSort] = ()", "limit__in: Many[Flag] = ()", "search__in: Many[OddSearch] = ()"):
        assert f"    {line}\n" in schemas


def test_a_page_that_its_owner_changed_is_a_conflict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = without_queries(tmp_path / "project")
    repository = project / "app/items/repository.py"
    repository.write_text(repository.read_text().replace("Item.created_at, Item.id", "Item.name, Item.id"))
    commit(project)
    assert cli.run(["update", str(project), "--no-verify"]) == 4
    assert git(project, "diff", "--name-only", "--diff-filter=U").split() == ["app/items/repository.py"]
    assert "app/items/repository.py" in capsys.readouterr().out
    for line in ("Item.name, Item.id", "page(self.session, Item, wanted, self.visible)", "<<<<<<<"):
        assert line in repository.read_text()


CHANGES = [
    ({"database": "sqlite", "auth": "jwt"}, {"database": "none", "auth": "none"}),
    ({"auth": "jwt"}, {"auth": "none"}),
    ({"settings": "by_domain"}, {"settings": "single"}),
    ({"deployment": "docker"}, {"deployment": "none"}),
    ({"ci": "github"}, {"ci": "none"}),
]


@pytest.mark.whole
@pytest.mark.parametrize(("before", "after"), CHANGES + [(after, before) for before, after in CHANGES])
def test_an_answer_is_changed_and_nothing_of_the_users_is_lost(
    before: Answers, after: Answers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a domain, a migration and lines of the user's in files of the template. And back again."""
    from tools.release import append

    copy_template(world.package / "_template")
    append(world.package / "versions.bundle", "v1.0.0", world.package / "_template")
    monkeypatch.setattr(template, "__version__", "1.0.0")
    defaults = {"database": "sqlite", "auth": "jwt", "settings": "by_domain", "deployment": "docker", "ci": "github"}
    answers = defaults | before
    world.new(None, **GIVEN, **answers)
    # uv writes it, and commits of `new` have it.
    world.edit(
        {
            "app/invoices/models.py": "# MINE: a domain\n",
            "README.md": world.read("README.md") + "\nMINE: how we deploy\n",
            "app/main.py": world.read("app/main.py") + "\n# MINE: at the end\n",
            **({"migrations/versions/2026-02-02_mine.py": "# MINE\n"} if answers["database"] != "none" else {}),
            ".env": "MINE=1\n",
        }
    )
    migrations = sorted((world.project / "migrations").rglob("*.py")) if answers["database"] != "none" else []
    history = {path: path.read_bytes() for path in migrations if path.parent.name == "versions"}
    to = [f"--data={name}={value}" for name, value in (defaults | before | after).items()]
    result = world.update(*to, again=False)
    assert result.code == 0, result.out
    assert {path: path.read_bytes() for path in history} == history
    assert ("No data was moved." in result.out) == ("database" in after)
    commit(world.project)
    back = [f"--data={name}={value}" for name, value in answers.items()]
    result = world.update(*back, again=False)
    assert result.code == 0, result.out
    assert {path: path.read_bytes() for path in history} == history


def test_the_program_says_what_it_does(tmp_path: Path) -> None:
    """The installed command, on a project of its own."""
    program = Path(sys.executable).parent / "fastapi-scaffold"
    new = [program, "new", "my-api", "--defaults", "--no-verify", "--quiet"]
    subprocess.run(new, cwd=tmp_path, check=True, capture_output=True)
    project = tmp_path / "my-api"
    checked = subprocess.run([program, "update", "--check"], cwd=project, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.endswith("up to date.\n")
    arguments = [program, "update", "--check", "--auth", "none"]
    waiting = subprocess.run(arguments, cwd=project, capture_output=True, text=True, check=False)
    assert (waiting.returncode, waiting.stderr) == (1, "")
