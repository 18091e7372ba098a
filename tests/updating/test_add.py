"""Resources that are added to a project in use, and removed again."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_scaffold import cli
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.engine import render
from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.console import Result
from tests.updating.test_in_use import edit
from tests.updating.test_in_use import run as shell
from tests.updating.world import commit, git, put, snapshot

TODAY = date(2027, 3, 4)
GIVEN = {"project_name": "Shop", "python_version": "3.11"}
CUSTOMER = ("customer", "name:str", "email:email:unique")
INVOICE = ("invoice", "number:str:unique", "amount:money", "customer:ref:customer", "paid_at:datetime:optional")
VERSIONS = "migrations/versions"
OWN_MIGRATION = '''"""add colour."""

import sqlalchemy as sa
from alembic import op

revision: str = "{revision}"
down_revision: str | None = "{after}"


def upgrade() -> None:
    op.add_column("item", sa.Column("colour", sa.String(length=30), nullable=True))


def downgrade() -> None:
    op.drop_column("item", "colour")
'''
OWN_ROUTER = '''"""Opening hours over HTTP."""

from fastapi import APIRouter

from app.core.schemas import ReadSchema

router = APIRouter(prefix="/opening", tags=["opening"])


class Opening(ReadSchema):
    """When the shop is open."""

    opens: int
    closes: int


@router.get("")
async def read_opening() -> Opening:
    """Return the opening hours."""
    return Opening(opens=9, closes=17)
'''
OWN_TEST = """from httpx2 import AsyncClient


async def test_opening(user: AsyncClient) -> None:
    assert (await user.get("/api/v1/opening")).json() == {"opens": 9, "closes": 17}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that somebody has worked on: a column, its migration, a route, and lines all over."""
    monkeypatch.setattr("fastapi_scaffold.updating.revisions.directories.today", lambda: TODAY)
    project = tmp_path / "shop"
    render(GIVEN, project)
    git(project, "init", "--quiet", "--initial-branch", "main")
    commit(project)
    work(project)
    return project


def work(project: Path) -> None:
    put(
        project,
        {
            f"{VERSIONS}/2026-02-02_a1b2c3d4e5f6_add_colour.py": migration("a1b2c3d4e5f6", "0003"),
            **{
                f"app/opening/{name}.py": f'"""Opening, {name}."""\n'
                for name in ("__init__", "dependencies", "exceptions")
            },
            "app/opening/router.py": OWN_ROUTER,
            "tests/opening/test_opening.py": OWN_TEST,
        },
    )
    column = "    colour: Mapped[str | None] = mapped_column(String(30))\n"
    edit(project, "app/items/models.py", "    description:", f"{column}    description:")
    edit(
        project,
        "app/api.py",
        "from app.items.router import router as items\n",
        "from app.items.router import router as items\nfrom app.opening.router import router as opening\n",
    )
    edit(
        project,
        "app/api.py",
        "protected.include_router(items)\n",
        "protected.include_router(items)\nprotected.include_router(opening)\n",
    )
    commit(project, "work")


def migration(revision: str, after: str) -> str:
    return OWN_MIGRATION.format(revision=revision, after=after)


def run(capsys: pytest.CaptureFixture[str], project: Path, command: str, *arguments: str) -> Result:
    """Run a command on the project without proving it. A failure, and a look, must not have changed anything."""
    before = snapshot(project)
    capsys.readouterr()
    code = cli.run([command, *arguments, "--project", str(project), "--no-verify"])
    captured = capsys.readouterr()
    result = Result(code, captured.out, captured.err)
    if code not in {0, 4, 5} or {"--dry-run", "--diff"} & set(arguments):
        assert snapshot(project) == before, result
    return result


Run = Any


@pytest.fixture
def add(shop: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: run(capsys, shop, "add", *arguments)


@pytest.fixture
def remove(shop: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: run(capsys, shop, "remove", *arguments)


def answer(project: Path) -> str:
    return str(yaml.safe_load((project / ANSWERS_FILE).read_text())["resources"]).removesuffix(";")


def newest(project: Path) -> str:
    """Return the name of the migration whose file comes last."""
    return re.findall(r'^revision\b.* = "(.*)"$', max((project / VERSIONS).glob("*.py")).read_text(), re.MULTILINE)[0]


def chain(project: Path) -> dict[str, str]:
    """Return each migration of the project by its file, with what it comes after."""
    found = {}
    for path in sorted((project / VERSIONS).glob("*.py")):
        revision, after = re.findall(r'^(?:down_)?revision\b.* = (?:"(.*)"|None)$', path.read_text(), re.MULTILINE)
        found[plain(path.name)] = plain(f"{revision} after {after or 'nothing'}")
    return found


def plain(text: str) -> str:
    """Return `text` without what no other branch gives to another migration."""
    return re.sub(r"(000\d)[0-9a-f]{4}(?=[_ ]|$)", r"\1", text, flags=re.MULTILINE)


# ── Adding ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_added_is_merged_into_what_is_the_users(shop: Path, add: Run) -> None:
    result = add(*CUSTOMER)
    assert (result.code, result.err) == (0, "")
    assert answer(shop) == "customer name:str email:email:unique"
    assert "merge     app/api.py: your changes and the template's\n" in result.out
    assert "pyproject.toml" not in result.out
    assert "create    app/customers/router.py\n" in result.out
    api = (shop / "app/api.py").read_text()
    for name in ("customers", "items", "opening"):
        assert f"from app.{name}.router import router as {name}\n" in api
        assert f"\nprotected.include_router({name})\n" in api
    assert f"{shop} ({template.own_version()}): customer added, not proven, because of --no-verify.\n" in result.out
    assert "  git commit --message 'Add customer' --all\n" in result.out
    assert f"  git -C {shop} reset --hard\n" in result.out


def test_the_migration_comes_after_the_users(shop: Path, add: Run) -> None:
    result = add(*CUSTOMER)
    assert chain(shop) == {
        "2026-01-01_0001_create_accounts.py": "0001 after nothing",
        "2026-01-01_0002_create_sign_ins.py": "0002 after 0001",
        "2026-01-01_0003_create_items.py": "0003 after 0002",
        "2026-02-02_a1b2c3d4e5f6_add_colour.py": "a1b2c3d4e5f6 after 0003",
        "2027-03-04_0004_create_customers.py": "0004 after a1b2c3d4e5f6",
    }
    assert "\nThe migration of what is new comes after your last one.\n" in result.out
    assert "  fastapi-scaffold verify\n  uv run poe migrate\n  git add uv.lock\n  git commit" in result.out


def test_two_with_a_number_that_is_taken(shop: Path, add: Run) -> None:
    put(shop, {f"{VERSIONS}/2026-02-03_0004_add_size.py": migration("0004", "a1b2c3d4e5f6")})
    commit(shop)
    assert add(*CUSTOMER).code == 0
    commit(shop)
    result = add(*INVOICE)
    assert result.code == 0, result
    assert answer(shop) == f"{' '.join(CUSTOMER)}; {' '.join(INVOICE)}"
    assert list(chain(shop).values())[4:] == ["0004 after a1b2c3d4e5f6", "0005 after 0004", "0006 after 0005"]
    assert '"customer.id"' in next((shop / VERSIONS).glob("*_create_invoices.py")).read_text()


def test_both_at_once_by_an_update(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = f"{' '.join(CUSTOMER)}; {' '.join(INVOICE)}"
    assert cli.run(["update", str(shop), "--resources", both, "--no-verify"]) == 0
    assert list(chain(shop).values())[3:] == ["a1b2c3d4e5f6 after 0003", "0004 after a1b2c3d4e5f6", "0005 after 0004"]


def test_two_heads_are_for_the_user_to_bring_together(shop: Path, add: Run) -> None:
    put(shop, {f"{VERSIONS}/2026-02-03_b2_add_size.py": migration("b2", "0003")})
    commit(shop)
    result = run_verified(shop, "add", *CUSTOMER)
    assert result["code"] == 5
    heads = [f"{VERSIONS}/2026-02-02_a1b2c3d4e5f6_add_colour.py", f"{VERSIONS}/2026-02-03_b2_add_size.py"]
    assert result["notes"][0] == f"There are 2 heads: {', '.join(heads)}."
    assert result["next_steps"][:4] == [
        "uv run alembic merge heads -m merge",
        "uv run poe migrate",
        "uv run poe revision 'what changed'",
        "uv run poe migrate",
    ]
    assert not list((shop / VERSIONS).glob("*customers*"))
    assert (shop / "app/customers/models.py").exists()


def run_verified(project: Path, *arguments: str) -> dict[str, Any]:
    """Run a command that ends before the proof begins."""
    done = shell(project, f"fastapi-scaffold {' '.join(arguments)} --json")
    return json.loads(done.stdout) | {"code": done.returncode}


def test_in_a_directory_of_a_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastapi_scaffold.updating.revisions.directories.today", lambda: TODAY)
    project = tmp_path / "services" / "shop"
    render(GIVEN, project)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    work(project)
    result = run(capsys, project, "add", *CUSTOMER)
    assert result.code == 0, result
    assert chain(project)["2027-03-04_0004_create_customers.py"] == "0004 after a1b2c3d4e5f6"
    assert git(tmp_path, "status", "--porcelain", "services/shop/app/customers/router.py").startswith("A ")


def test_without_a_database_there_are_no_migrations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "shop"
    render(GIVEN | {"database": "none", "auth": "none"}, project)
    git(project, "init", "--quiet")
    commit(project)
    result = run(capsys, project, "add", *CUSTOMER)
    assert result.code == 0
    assert "migration" not in result.out
    assert "poe migrate" not in result.out
    fresh = tmp_path / "fresh"
    render(GIVEN | {"database": "none", "auth": "none", "resources": " ".join(CUSTOMER)}, fresh)
    assert (project / "app/customers/repository.py").read_text() == (fresh / "app/customers/repository.py").read_text()


def test_nothing_of_a_newer_template_comes_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.updating.packages import copy_template
    from tools.release import append

    package = tmp_path / "package"
    package.mkdir()
    append(package / "versions.bundle", "v1.0.0", template.template_root())
    put(copy_template(package / "_template", template.template_root()), {"template/NEWER.md": "x\n"})
    append(package / "versions.bundle", "v1.1.0", package / "_template")
    project = tmp_path / "shop"
    render(GIVEN, project, template.template_root(), "v1.0.0")
    git(project, "init", "--quiet")
    commit(project)
    monkeypatch.setattr(template, "_package", lambda: package)
    monkeypatch.setattr(template, "__version__", "1.1.0")
    assert run(capsys, project, "add", *CUSTOMER).code == 0
    assert (project / "app/customers/router.py").exists()
    assert not (project / "NEWER.md").exists()
    assert "_commit: v1.0.0\n" in (project / ANSWERS_FILE).read_text()


@pytest.mark.parametrize("version", ["v0.1.0", "v0.2.0"])
def test_a_version_without_resources_is_updated_first(
    version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "shop"
    with template.load_versions().checked_out(version) as root:
        render(GIVEN, project, root, version)
    git(project, "init", "--quiet")
    commit(project)
    for command, *arguments in (["add", *CUSTOMER], ["remove", "customer"]):
        result = run(capsys, project, command, *arguments)
        assert (result.code, result.err) == (
            2,
            f"error: The project is at {version}, which has no resources. Nothing was changed.\n"
            f"\nhint: Update it first: fastapi-scaffold update {project}\n",
        )


# ── Migrations that the team has moved ────────────────────────────────────────────────────────────────────────────────


def moved(project: Path) -> dict[str, tuple[int, bytes]]:
    """Add customers, with a migration of the team's own after theirs, move all migrations, and return them."""
    assert cli.run(["add", *CUSTOMER, "--project", str(project), "--no-verify"]) == 0
    put(project, {f"{VERSIONS}/2026-02-03_0005_add_size.py": migration("0005", newest(project))})
    (project / "db").mkdir()
    git(project, "add", "--all")
    git(project, "mv", "migrations", "db/migrations")
    edit(project, "pyproject.toml", "%(here)s/migrations", "%(here)s/db/migrations")
    commit(project, "move")
    return history(project)


def history(project: Path) -> dict[str, tuple[int, bytes]]:
    return {name: found for name, found in snapshot(project).items() if "migrations/versions/" in name}


def test_no_applied_migration_is_changed_where_they_are_now(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = moved(shop)
    capsys.readouterr()
    assert cli.run(["update", str(shop), "--resources", f"{' '.join(CUSTOMER)} phone:str", "--no-verify"]) == 0
    out = capsys.readouterr().out
    assert history(shop) == before
    assert "\nYour migrations were kept as they are" in out
    assert "\n  uv run poe revision 'what changed'\n  uv run poe migrate\n  git add db/migrations/versions\n" in out


def test_a_new_migration_goes_where_they_are_now(shop: Path, add: Run) -> None:
    before = moved(shop)
    result = add(*INVOICE)
    assert (result.code, "you deleted it" in result.out) == (0, False)
    [(name, (_, source))] = (history(shop).items() - before.items()) or [("", (0, b""))]
    assert re.fullmatch(r"db/migrations/versions/2027-03-04_0006\w*_create_invoices\.py", name)
    assert b'down_revision = "0005"' in source
    assert f"create    {name}\n" in result.out


def test_what_was_moved_is_not_removed(shop: Path, remove: Run) -> None:
    before = moved(shop)
    result = remove("customer")
    assert (result.code, history(shop)) == (0, before)
    assert "uv run poe revision 'what changed'" in result.out


def test_where_they_are_is_not_to_be_seen(shop: Path, add: Run) -> None:
    """All made one, under another name and elsewhere: nothing of the template's comes back."""
    sources = [(shop / VERSIONS / name).read_text() for name in chain(shop)]
    git(shop, "rm", "--quiet", "-r", "migrations/versions")
    put(shop, {"schema/all.py": "".join(sources)})
    commit(shop)
    result = add(*CUSTOMER)
    assert (result.code, history(shop)) == (0, {})
    assert "\nThere is no migrations/versions any more: what the template has new there was left out.\n" in result.out
    assert (shop / "app/customers/models.py").exists()


# ── Removing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_added_is_removed(shop: Path, add: Run, remove: Run) -> None:
    before = {name: found for name, found in snapshot(shop).items() if not name.startswith(".git/")}
    assert add(*CUSTOMER).code == 0
    commit(shop)
    result = remove("customer", "--json")
    after = {plain(name): found for name, found in snapshot(shop).items() if not name.startswith(".git/")}
    assert after.keys() - before.keys() == {f"{VERSIONS}/2027-03-04_0004_create_customers.py"}
    assert {name: after[name] for name in before} == before
    report = json.loads(result.out)
    assert (result.code, report["command"], report["ok"], report["applied"]) == (0, "remove", True, True)
    assert {file["action"] for file in report["files"] if "customers" in file["path"]} == {"delete"}
    # Its table is the user's to drop.
    assert any(note.startswith("Your migrations were kept as they are") for note in report["notes"])
    assert "uv run poe revision 'what changed'" in report["next_steps"]


def test_the_proof_waits_for_the_migration_that_drops_the_table(shop: Path, add: Run) -> None:
    assert add(*CUSTOMER).code == 0
    commit(shop)
    report = run_verified(shop, "remove", "customer")
    assert (report["code"], report["ok"], report["proof"]) == (5, False, None)


AGAIN = ("customer", "code:str:unique")
DROPPING = """
revision = "d1"
down_revision = "{after}"


def upgrade():
    op.drop_table("customer")


def downgrade():
    op.create_table("customer")
"""


def test_a_removed_name_can_be_used_again(shop: Path, add: Run, remove: Run) -> None:
    for command, arguments in ((add, CUSTOMER), (remove, ["customer"])):
        assert command(*arguments).code == 0
        commit(shop)
    put(shop, {f"{VERSIONS}/2026-02-04_d1_drop.py": DROPPING.format(after=newest(shop))})
    commit(shop)
    assert add(*AGAIN).code == 0
    assert answer(shop) == "customer code:str:unique"
    assert list(chain(shop).values())[4:] == ["d1 after 0004", "0004 after a1b2c3d4e5f6", "0005 after d1"]


def test_a_table_that_is_there_still_is_not_made_again(shop: Path, add: Run, remove: Run) -> None:
    """The migration that drops it was not written: what is to be done is the difference."""
    for command, arguments in ((add, CUSTOMER), (remove, ["customer"])):
        assert command(*arguments).code == 0
        commit(shop)
    before = history(shop)
    result = add(*AGAIN)
    assert (result.code, history(shop)) == (0, before)
    made = next(name for name in before if name.endswith("_create_customers.py"))
    assert f"\n{made} creates the table customer already.\nYour migrations were kept as they are" in result.out
    assert "\n  uv run poe migrate\n  uv run poe revision 'what changed'\n" in result.out
    assert "not added" not in result.out


def test_the_one_in_the_middle(shop: Path, add: Run, remove: Run) -> None:
    for resource in (CUSTOMER, ("vendor", "name:str"), ("bill", "amount:money", "customer:ref:customer")):
        assert add(*resource).code == 0
        commit(shop)
    assert remove("vendor").code == 0
    assert answer(shop) == "customer name:str email:email:unique; bill amount:money customer:ref:customer"
    assert not (shop / "app/vendors").exists()
    assert (shop / "app/bills/models.py").exists()


def test_what_the_user_wrote_in_it_is_not_removed(shop: Path, add: Run, remove: Run) -> None:
    assert add(*CUSTOMER).code == 0
    service = shop / "app/customers/service.py"
    service.write_text(service.read_text() + "\n# MINE\n")
    put(shop, {"app/customers/letters.py": "# MINE\n"})
    commit(shop)
    result = remove("customer")
    assert result.code == 4
    assert (
        "conflict  app/customers/service.py: you changed it, the template deleted or renamed it; yours is kept"
        in result.out
    )
    assert f"{shop} ({template.own_version()}): customer removed with 1 conflict.\n" in result.out
    assert "# MINE" in service.read_text()
    assert (shop / "app/customers/letters.py").exists()
    assert not (shop / "app/customers/router.py").exists()


def test_what_goes_is_not_taken_for_what_comes(shop: Path, add: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The two are alike: git would take one for the other, and the user's files along."""
    assert add("customer", "name:str").code == 0
    service = shop / "app/customers/service.py"
    service.write_text(service.read_text() + "\n# MINE\n")
    put(shop, {"app/customers/scoring.py": "# MINE\n"})
    commit(shop)
    before = snapshot(shop / "app/customers")
    capsys.readouterr()
    assert cli.run(["update", str(shop), "--resources", "vendor name:str", "--no-verify"]) == 4
    out = capsys.readouterr().out
    assert snapshot(shop / "app/customers") == {name: before[name] for name in ("scoring.py", "service.py")}
    assert "MINE" not in "".join(path.read_text() for path in (shop / "app/vendors").iterdir())
    assert "rename " not in out
    assert "create    app/vendors/service.py\n" in out
    assert "conflict  app/customers/service.py: you changed it, the template deleted or renamed it" in out
    assert "delete    app/customers/router.py: you had not changed it\n" in out
    assert git(shop, "ls-files", "--unmerged").split()[3::4] == ["app/customers/service.py"] * 2


@pytest.mark.parametrize("module", ["app/notes.py", "app/notes/models.py"])
def test_what_is_the_users_is_not_hidden(shop: Path, add: Run, module: str) -> None:
    put(shop, {module: "# MINE\n"})
    commit(shop)
    for looking in ([], ["--dry-run"]):
        result = add("note", "body:text", *looking)
        reason = "which app/notes/ would hide" if module == "app/notes.py" else "which is not what would be added"
        assert (result.code, result.err.partition("\n")[0]) == (
            2,
            f"error: There is {module} already, {reason}. Nothing was changed.",
        )
    assert add("note/annotations", "body:text").code == 0


def test_what_was_added_and_forgotten_is_added_again(shop: Path, add: Run) -> None:
    """As when two branches met, and the answers of one were lost."""
    before = (shop / ANSWERS_FILE).read_text()
    assert add(*CUSTOMER).code == 0
    (shop / ANSWERS_FILE).write_text(before)
    commit(shop)
    result = add(*CUSTOMER)
    assert (result.code, len(history(shop))) == (0, 5)
    assert "poe revision" not in result.out


# ── Conflicts, and looking first ──────────────────────────────────────────────────────────────────────────────────────


def test_edits_of_the_same_lines_are_a_conflict(shop: Path, add: Run) -> None:
    edit(shop, "app/api.py", "protected.include_router(items)\n", "protected.include_router(items, tags=['MINE'])\n")
    commit(shop)
    looked = add(*CUSTOMER, "--dry-run")
    assert (looked.code, "customer would be added with 1 conflict.\n" in looked.out) == (4, True)
    result = add(*CUSTOMER)
    assert result.code == 4
    assert "conflict  app/api.py: you and the template changed the same lines\n" in result.out
    assert "\n  Edit the files with conflicts, then: git add -- app/api.py\n" in result.out
    text = (shop / "app/api.py").read_text()
    assert "<<<<<<< yours" in text
    assert "MINE" in text
    assert "protected.include_router(customers)" in text
    assert git(shop, "diff", "--name-only", "--diff-filter=U") == "app/api.py"


def test_a_look_changes_nothing_and_tells_the_same(shop: Path, add: Run) -> None:
    looked = add(*CUSTOMER, "--dry-run")
    assert f"\n{shop} ({template.own_version()}): customer would be added. Nothing was changed.\n" in looked.out
    patch = plain(add(*CUSTOMER, "--diff").out)
    assert f"+++ b/{VERSIONS}/2027-03-04_0004_create_customers.py\n" in patch
    assert '+down_revision = "a1b2c3d4e5f6"\n' in patch
    foreseen = json.loads(add(*CUSTOMER, "--dry-run", "--json").out)
    done = json.loads(add(*CUSTOMER, "--json").out)
    assert foreseen["files"] == done["files"]
    assert (foreseen["applied"], done["applied"]) == (False, True)


def test_as_json(shop: Path, add: Run) -> None:
    result = add(*CUSTOMER, "--json")
    report = json.loads(result.out)
    files = {plain(file["path"]): file["action"] for file in report.pop("files")}
    assert (result.code, result.err) == (0, "")
    assert report == {
        "command": "add",
        "ok": True,
        "project": str(shop),
        "from_version": template.own_version(),
        "template_version": template.own_version(),
        "up_to_date": False,
        "applied": True,
        "conflicts": [],
        "diff": "",
        "undo": f"git -C {shop} reset --hard",
        "proof": None,
        "notes": ["The migration of what is new comes after your last one."],
        "next_steps": [
            f"cd {shop}",
            "fastapi-scaffold verify",
            "uv run poe migrate",
            "git add uv.lock",
            "git commit --message 'Add customer' --all",
        ],
    }
    assert files["app/api.py"] == "merge"
    assert files[f"{VERSIONS}/2027-03-04_0004_create_customers.py"] == "create"


def test_the_undo_command_undoes_it(shop: Path, add: Run) -> None:
    before = {name: found for name, found in snapshot(shop).items() if not name.startswith(".git/")}
    undo = json.loads(add(*CUSTOMER, "--json").out)["undo"]
    assert shell(shop, undo).returncode == 0
    assert {name: found for name, found in snapshot(shop).items() if not name.startswith(".git/")} == before


# ── For real ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.whole
def test_a_project_in_use_is_proven_with_what_was_added(tmp_path: Path) -> None:
    """And what the report says comes next works, until the resource is gone again."""
    made = shell(tmp_path, "fastapi-scaffold new shop --defaults --project-name Shop --no-verify")
    assert made.returncode == 0, made.stderr
    project = tmp_path / "shop"
    work(project)
    both = f"fastapi-scaffold add {' '.join(CUSTOMER)} --no-verify && git commit --quiet --all --message customer && "
    done = shell(project, f"({both} fastapi-scaffold add {' '.join(INVOICE)} --json) | tail -n 1")
    report = json.loads(done.stdout)
    assert report["ok"], done.stdout
    assert report["proof"]["status"] == "passed"
    assert report["proof"]["practices"]["unproven"] == []
    follow(project, report["next_steps"])

    report = json.loads(shell(project, "fastapi-scaffold remove invoice --json").stdout)
    assert (report["ok"], report["conflicts"]) == (False, [])
    follow(project, report["next_steps"])
    assert 'op.drop_table("invoice")' in next((project / VERSIONS).glob("*what_changed.py")).read_text()
    assert shell(project, "fastapi-scaffold verify --quiet").returncode == 0


def follow(project: Path, steps: list[str]) -> None:
    for step in steps:
        done = shell(project, step)
        assert done.returncode == 0, f"{step}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert git(project, "status", "--porcelain") in {"", "?? app.db"}
