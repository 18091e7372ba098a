"""The migrations that a user writes, on a database in use: they need no mending, and no row goes with the old table."""

import json
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from fastapi_scaffold import cli
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.dotenv import write_dotenv
from fastapi_scaffold.writing.engine import render
from tests.template.projects import given, render_project, run_in, succeed
from tests.template.servers import database_for
from tests.updating.world import commit, git

pytestmark = pytest.mark.whole
APPLICATION = {"settings": "by_domain", "deployment": "none", "ci": "none"}


def replace(project: Path, name: str, old: str, new: str) -> None:
    text = (project / name).read_text()
    assert text.count(old) == 1
    (project / name).write_text(text.replace(old, new))


def write_next(project: Path, environment: Path, message: str) -> str:
    """Write the next migration as `poe revision` does, and apply it; returns what is in it."""
    succeed(project, environment / "alembic", "revision", "--autogenerate", "-m", message, PATH=str(environment))
    for command in (["check", "--no-fix"], ["format", "--check"]):
        succeed(project, environment / "ruff", *command, "migrations")
    succeed(project, environment / "alembic", "upgrade", "head")
    succeed(project, environment / "alembic", "check")
    return next((project / "migrations" / "versions").glob(f"*_{message}.py")).read_text()


def take_over(before: Path, after: Path) -> None:
    """Let `after` have the history of `before`."""
    migrations = after / "migrations" / "versions"
    for path in migrations.iterdir():
        path.unlink()
    for path in (before / "migrations" / "versions").glob("*.py"):
        (migrations / path.name).write_bytes(path.read_bytes())


def start(directory: Path, environment: Path, **answers: str) -> Path:
    """Return a project with a database."""
    project = render_project(directory, APPLICATION | {"database": "sqlite"} | answers)
    write_dotenv(project)
    succeed(project, environment / "alembic", "upgrade", "head")
    return project


def test_a_table_that_is_built_anew_keeps_what_refers_to_it(environment: Path, tmp_path: Path) -> None:
    """SQLite changes a constraint by copying the table: dropping the old one would delete the items of each account."""
    project = start(tmp_path / "project", environment, auth="jwt")
    with sqlite3.connect(project / "app.db") as database:
        database.execute("PRAGMA foreign_keys = ON")
        account, item = uuid4().hex, uuid4().hex
        database.execute(
            "INSERT INTO user_account (id, email, password_hash, role, is_active) VALUES (?, 'a@b.c', 'x', 'user', 1)",
            [account],
        )
        database.execute(
            "INSERT INTO item (id, owner_id, name, price, status) VALUES (?, ?, 'Bicycle', 1, 'draft')", [item, account]
        )
    replace(project, "app/users/models.py", "(String(254), unique=True)", "(String(254))")
    replace(
        project,
        "app/users/models.py",
        "    is_active:",
        "    second_role: Mapped[Role | None] = mapped_column(unique=True)\n    is_active:",
    )
    assert 'sa.Enum("user", "admin", name="role", native_enum=False, length=20)' in write_next(
        project, environment, "second_role"
    )
    with sqlite3.connect(project / "app.db") as database:
        assert database.execute("SELECT name FROM item").fetchall() == [("Bicycle",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_rows_and_tables_of_others_are_left_alone(environment: Path, tmp_path: Path) -> None:
    """A new column that has to have a value needs one for the rows that are there; unknown tables stay."""
    project = start(tmp_path / "project", environment, auth="none")
    with sqlite3.connect(project / "app.db") as database:
        database.execute("CREATE TABLE other_team (x INT)")
        database.execute("INSERT INTO item (id, name, price, status) VALUES (?, 'Bicycle', 1, 'draft')", [uuid4().hex])
    assert "op." not in write_next(project, environment, "nothing")
    model = "app/items/models.py"
    replace(project, model, "    ends_at:", "    weight: Mapped[int]\n    ends_at:")
    revision = (environment / "alembic", "revision", "--autogenerate", "-m", "gap")
    done = run_in(project, *revision, PATH=str(environment))
    assert (done.returncode, [*(project / "migrations" / "versions").glob("*_gap.py")]) == (255, [])
    assert "item has rows: give weight a server_default" in done.stdout + done.stderr
    replace(
        project, model, "weight: Mapped[int]", 'weight: Mapped[int] = mapped_column(server_default="1", index=True)'
    )
    assert 'server_default="1", nullable=False' in write_next(project, environment, "weight")
    replace(project, model, 'server_default="1", index=True', 'server_default="1"')
    assert "sa." not in write_next(project, environment, "no_index")
    with sqlite3.connect(project / "app.db") as database:
        assert database.execute("SELECT weight FROM item").fetchall() == [(1,)]
        assert database.execute("SELECT * FROM other_team").fetchall() == []


def test_tables_go_after_what_refers_to_them(environment: Path, tmp_path: Path) -> None:
    """As when another way to sign in is chosen: the items lose their reference to the accounts, which then go."""
    before = start(tmp_path / "before", environment, auth="jwt")
    after = render_project(tmp_path / "after", APPLICATION | {"database": "sqlite", "auth": "oidc"})
    take_over(before, after)
    (before / "app.db").rename(after / "app.db")
    (after / ".env").write_bytes((after / ".env.example").read_bytes())
    written = write_next(after, environment, "other_sign_in")
    assert written.index('batch_alter_table("item"') < written.index('drop_table("user_account")')
    succeed(after, environment / "alembic", "downgrade", "-1")


@pytest.mark.parametrize("database", ["mysql", "postgresql"])
@pytest.mark.usefixtures("servers")
def test_indexes_go_with_what_needs_them(database: str, environment: Path, tmp_path: Path) -> None:
    """MySQL, which cannot take back half a migration, refuses to drop an index before the foreign key that uses it."""
    answers = APPLICATION | {"database": database, "auth": "none"}
    resources = ["invoice number:str; line invoice:ref:invoice item:ref:item:optional", "line item:ref:item:optional"]
    before, after = (
        render_project(tmp_path / str(number), answers | {"resources": it}) for number, it in enumerate(resources)
    )
    take_over(before, after)
    with database_for(before, database, environment / "python") as address:
        for project in (before, after):
            (project / ".env").write_text(f"APP_DATABASE__URL={address}\n")
        succeed(before, environment / "alembic", "upgrade", "head")
        written = write_next(after, environment, "no_invoices")
        assert written.count("drop_table") == written.count("drop_column") == 1
        succeed(after, environment / "alembic", "downgrade", "-1")
        succeed(after, environment / "alembic", "upgrade", "head")


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("database", ["mysql"])
def test_an_index_goes_when_another_one_serves_its_key(database: str, environment: Path, tmp_path: Path) -> None:
    """And one that changes, but for its name, goes before it comes."""
    answers = APPLICATION | {"database": database, "auth": "none", "resources": "line item:ref:item size:int"}
    project = render_project(tmp_path / "project", answers)
    with database_for(project, database, environment / "python") as address:
        (project / ".env").write_text(f"APP_DATABASE__URL={address}\n")
        succeed(project, environment / "alembic", "upgrade", "head")
        listed, model = 'Index(None, "created_at", "id"),', "app/lines/models.py"
        replace(project, model, listed, 'Index(None, "item_id", "size"), Index("ix", "size"),')
        replace(project, model, "ForeignKey(Item.id), index=True", "ForeignKey(Item.id)")
        write_next(project, environment, "another")
        replace(project, model, 'Index("ix", "size")', 'Index("ix", "size", unique=True)')
        write_next(project, environment, "unique")
        succeed(project, environment / "alembic", "downgrade", "-2")


# Stores an account that is signed in, or tells the devices of those that are.
SIGN_INS = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from sqlalchemy import select
from app.auth import models
from app.config import get_settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.users.models import User

async def main():
    engine, end = engine_from(get_settings()), datetime.now(UTC) + timedelta(hours=1)
    async with create_sessionmaker(engine).begin() as session:
        kind = getattr(models, "UserSession", None) or models.RefreshToken
        if sys.argv[1] == "tell":
            print([one.device for one in await session.scalars(select(kind))])
        else:
            session.add(user := User(email="ada@example.com", password_hash="x"))
            await session.flush()
            more = {"id_hash": "x", "used_at": end, "token_hash": "x", "family_id": uuid4()}
            more = {name: value for name, value in more.items() if name in kind.__table__.c}
            session.add(kind(user_id=user.id, expires_at=end, **more))
    await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize(("auth", "left"), [("jwt", "[]"), ("session", "['']")])
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
@pytest.mark.usefixtures("servers")
def test_sign_ins_of_a_project_in_use_get_a_device(
    database: str, auth: str, left: str, environment: Path, tmp_path: Path
) -> None:
    """Sessions go on; the refresh tokens of before, which name no sign-in, are gone."""
    project, answers = tmp_path / "project", given(APPLICATION | {"database": database, "auth": auth})
    with template.load_versions().checked_out("v0.4.1") as root:
        render(answers, project, root, "v0.4.1")
    git(project, "init", "--quiet")
    commit(project)
    with database_for(project, database, environment / "python") as address:
        variables = {"APP_DATABASE__URL": address, "APP_AUTH__SECRET_KEY": uuid4().hex * 2}
        alembic = environment / "alembic"
        succeed(project, alembic, "upgrade", "head", **variables)
        succeed(project, environment / "python", "-c", SIGN_INS, "store", **variables)
        assert cli.run(["update", str(project), "--no-verify"]) == 0
        for way in (["upgrade", "head"], ["downgrade", "-2"], ["upgrade", "head"], ["check"]):
            succeed(project, alembic, *way, **variables)
        assert succeed(project, environment / "python", "-c", SIGN_INS, "tell", **variables).strip() == left


# A name of 40 letters makes that of an index too long for a database.
LONG = "a_name_of_40_letters_with_2_digits_in_it"
LISTED = f"customer name:str; {LONG} number:str:unique customer:ref:customer; gone name:str"
# Reads the indexes of the tables that are listed.
INDEXES = """
import asyncio, json
from sqlalchemy import inspect
from app.config import get_settings
from app.database.engine import engine_from

def read(connection):
    inspector = inspect(connection)
    tables = [name for name in inspector.get_table_names() if name in ("item", "customer", "gone") or len(name) > 39]
    return {name: sorted(one["column_names"] for one in inspector.get_indexes(name)) for name in tables}

async def main():
    engine = engine_from(get_settings())
    async with engine.connect() as connection:
        print(json.dumps(await connection.run_sync(read)))
    await engine.dispose()

asyncio.run(main())
"""
# What somebody did before: an index of the same columns, another one less, and no such table any more.
MINE = '''"""mine."""

from alembic import op

revision = "mine"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("mine", "customer", OWNER + ["created_at", "id"])
    op.drop_table("gone")


def downgrade() -> None:
    pass
'''


@pytest.mark.parametrize("auth", ["jwt", "none"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
@pytest.mark.usefixtures("servers")
def test_lists_of_a_project_in_use_get_an_index(database: str, auth: str, environment: Path, tmp_path: Path) -> None:
    """Instead of the one on the owner alone; what its owner has done before is no error, and the way back works."""
    answers = given(APPLICATION | {"database": database, "auth": auth, "resources": LISTED})
    project, owner = tmp_path / "project", ["owner_id"] if auth == "jwt" else []
    with template.load_versions().checked_out("v0.5.0") as root:
        render(answers, project, root, "v0.5.0")
    (project / "migrations/versions/2026-02-02_mine.py").write_text(MINE.replace("OWNER", json.dumps(owner)))
    git(project, "init", "--quiet")
    commit(project)
    with database_for(project, database, environment / "python") as address:
        variables = {"APP_DATABASE__URL": address} | ({"APP_AUTH__SECRET_KEY": uuid4().hex * 2} if owner else {})

        def migrate(*way: str) -> dict[str, list[list[str]]]:
            succeed(project, environment / "alembic", *way, **variables)
            found: dict[str, list[list[str]]] = json.loads(
                succeed(project, environment / "python", "-c", INDEXES, **variables)
            )
            return found

        before = migrate("upgrade", "head")
        assert cli.run(["update", str(project), "--no-verify"]) == 0
        after = migrate("upgrade", "head")
        listed = [*owner, "created_at", "id"]
        for table, indexes in after.items():
            assert listed in indexes, table
            assert ["owner_id"] not in indexes, table
        assert before.keys() == after.keys() == {*before} - {"gone"}
        assert len(before) == 3
        back = migrate("downgrade", "-1")
        assert back | {"customer": []} == before | {"customer": []}
        assert migrate("upgrade", "head") == after
