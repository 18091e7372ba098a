"""Practices of tables, queries, the engine and migrations."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from inspect import get_annotations
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import Date, DateTime, Engine, Enum, event, func, make_url, select
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import RESERVED_WORDS

from app.database.base import Base, UtcDateTime
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from tests.conftest import MakeSettings
from tests.inspection import ROOT, dotted, example_of, imports, meaning, nodes, operations, practices, text_of, url_of

practice = pytest.mark.practice
CODE = "[am]*/**/*.py"
POOL = {"pool_size": "2", "max_overflow": "3", "pool_timeout": "4"}
ABSENT = [
    ("db-async-driver", CODE, r"^ *from sqlalchemy\S* import .*\bcreate_engine\b"),
    ("db-migrations-not-create-all", "[at]*/**/*.py", r"\.(create|drop)_all\b"),
    ("db-select-style", CODE, r"\bsession\.query\("),
    ("db-sessionmaker-async", CODE, r"^ *from sqlalchemy\S* import .*\b(Session|sessionmaker)\b"),
    ("db-url-from-settings", CODE, r"[\"'](\w[\w+]*://[^\"']*@|(sqlite|postgresql|mysql)\w*[+:])"),
    ("db-url-from-settings", "*.toml", r"^(sqlalchemy\.)?url ="),
    ("sql-parameterised", CODE, r"\b(text|execute|scalars?|exec_driver_sql)\((f[\"']|([\"']).*\3 *(%|\+|\.format))"),
]


def has_suffix_of_type(column: Any) -> bool:
    kind = getattr(column.type, "impl_instance", column.type)
    told = {"_at": DateTime, "_date": Date}
    return all(isinstance(kind, told[suffix]) for suffix in told if column.name.endswith(suffix))


def is_stamped_by_the_database(column: Any) -> bool:
    stamp = column.name in {"created_at", "updated_at"}
    return getattr(column.type, "timezone", True) and not (stamp and (column.nullable or not column.server_default))


@practice("db-timezone-timestamps")
def test_a_time_comes_back_in_utc_and_has_to_have_a_zone() -> None:
    kind, there = UtcDateTime(), datetime.fromisoformat("2026-03-01T06:45:00.123456+05:45")
    found = kind.process_result_value(kind.process_bind_param(there, DefaultDialect()), DefaultDialect())
    assert (found, found and found.tzinfo) == (there, UTC)
    with pytest.raises(ValueError, match="zone"):
        kind.process_bind_param(there.replace(tzinfo=None), DefaultDialect())


def is_indexed_once(column: Any) -> bool:
    keys = [column.table.primary_key, *column.table.indexes]
    found = any(next(iter(key.columns)) is column for key in keys)
    return (found or not column.foreign_keys) and not (column.index and column.unique)


@practices(
    "holds",
    ("db-column-suffixes", has_suffix_of_type),
    ("db-constraint-naming", lambda c: all(key.name for key in c.table.constraints)),
    ("db-indexes-uniques", is_indexed_once),
    ("db-timezone-timestamps", is_stamped_by_the_database),
    ("db-onupdate-eager", lambda c: c.onupdate or c.name != "updated_at"),
    ("strenum", lambda c: not isinstance(c.type, Enum) or c.type.enums == [*map(str, c.type.enum_class or ())]),
)
@pytest.mark.usefixtures("app")
def test_of_every_column(holds: Callable[[Any], object]) -> None:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert bool(columns) is bool([*ROOT.glob("app/**/models.py")])
    assert [str(column) for column in columns if not holds(column)] == []


@practice("db-indexes-uniques")
@pytest.mark.usefixtures("app")
def test_an_index_has_the_order_of_each_list() -> None:
    # Accounts are listed for administrators alone.
    pages = [call for name, call in nodes(ast.Call) if dotted(call.func) == "page" and "/users/" not in name]
    listed = {dotted(call.args[1]) for call in pages}
    tables = [mapper.class_.__table__ for mapper in Base.registry.mappers if mapper.class_.__name__ in listed]
    assert len(tables) == len(listed)
    for table in tables:
        order = [name for name in ("owner_id", "created_at", "id") if name in table.columns]
        assert order in [index.columns.keys() for index in table.indexes], table


@practice("db-table-naming")
def test_tables_are_called_like_one_of_their_rows(api: FastAPI) -> None:
    names = {table.name for table in Base.metadata.sorted_tables}
    assert [name for name in names if not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name) or name in RESERVED_WORDS] == []
    # One of the news is news, too, which the path of one shows.
    ones = {name for path, *_ in operations(api) for name in re.findall(r"{(\w+)_id}", path)}
    assert [name for name in names - ones if re.search("[^siu]s$", name)] == []


def is_annotated(mapper: Any) -> bool:
    annotations = {name for cls in mapper.class_.__mro__ for name in get_annotations(cls)}
    return {attribute.key for attribute in mapper.column_attrs} <= annotations


@practices(
    "holds",
    ("db-no-n-plus-one", lambda mapper: all(one.lazy != "select" for one in mapper.relationships)),
    ("db-onupdate-eager", lambda mapper: mapper.eager_defaults is True),
    ("db-typed-mappings", is_annotated),
)
@pytest.mark.usefixtures("app")
def test_of_every_mapped_class(holds: Callable[[Any], bool]) -> None:
    assert [mapper for mapper in Base.registry.mappers if not holds(mapper)] == []


@practices(
    "read, value",
    ("db-async-driver", lambda e: e.dialect.is_async, True),
    ("db-echo-off", lambda e: e.echo, False),
    ("db-expire-on-commit-false", lambda e: create_sessionmaker(e).kw["expire_on_commit"], False),
    ("db-pool-configured", lambda e: [e.pool.size(), e.pool._max_overflow, e.pool._timeout], [2, 3, 4]),
    ("db-pool-pre-ping", lambda e: e.pool._pre_ping, True),
    ("errors-no-input-echo", lambda e: e.sync_engine.hide_parameters, True),
)
def test_of_the_engine(make_settings: MakeSettings, read: Callable[[Any], object], value: object) -> None:
    assert read(engine_from(make_settings(database=POOL))) == value


@practice("db-pool-configured")
def test_every_pool_has_an_end(make_settings: MakeSettings) -> None:
    pool: Any = engine_from(make_settings(database=POOL), single=True).pool
    assert (pool.size(), pool._max_overflow) == (1, 0)
    with pytest.raises(ValueError, match="pool_size"):  # for SQLAlchemy it would be as many as there are
        make_settings(database=POOL | {"pool_size": "0"})


@practice("settings-typed-values")
def test_addresses_are_taken_as_providers_give_them(make_settings: MakeSettings, database_url: str) -> None:
    short = re.sub(r"\+\w+", "", database_url)
    assert engine_from(make_settings(database={"url": short})).url == make_url(database_url)
    with pytest.raises(ValueError, match="no address"):
        make_settings(database={"url": re.sub("://.*", "://:memory:", short)})


@practices("pattern, words", *ABSENT)
def test_no_file_says(pattern: str, words: str) -> None:
    assert [path for path in ROOT.glob(pattern) if re.search(words, text_of(path), re.MULTILINE)] == []


@practice("db-migrations-reversible")
@practice("db-migrations-not-create-all")
@pytest.mark.usefixtures("database")
def test_migrations_lead_back_and_to_the_models(alembic_config: Config) -> None:
    command.downgrade(alembic_config, "base")
    command.upgrade(alembic_config, "head")
    command.check(alembic_config)


@practice("db-migration-names")
def test_migrations_are_sorted_and_unique(alembic_config: Config, pyproject: dict[str, Any]) -> None:
    scripts = [Path(script.path).name for script in ScriptDirectory.from_config(alembic_config).walk_revisions()]
    assert [name for name in scripts if not re.fullmatch(r"\d{4}-\d\d-\d\d_[0-9a-f]+_\w+\.py", name)] == []
    assert re.search(r"year.*month.*day.*rev.*slug", pyproject["tool"]["alembic"]["file_template"])


@practice("db-engine-disposed")
async def test_the_engine_lives_as_long_as_the_application(app: FastAPI) -> None:
    disposed: list[Engine] = []
    async with app.router.lifespan_context(app) as state:
        engine = (state or {})["engine"].sync_engine
        event.listen(engine, "engine_disposed", disposed.append)
    assert disposed == [engine]


@practice("repository-layer")
def test_queries_are_in_repositories_that_name_what_they_write() -> None:
    users = [path for path, module in imports("app/**/*.py") if module == "sqlalchemy"]
    places = ("app/database/", "repository.py", "models.py")
    assert [path for path in users if not path.startswith(places) and not path.endswith(places)] == []
    taken = [(path, node.annotation) for path, node in nodes(ast.arg, "app/**/repository.py") if node.annotation]
    kinds = [meaning(path, part) for path, annotation in taken for part in ast.walk(annotation)]
    assert [kind for kind in kinds if re.fullmatch(r"\.dict|(typing|collections\.abc)\.(Any|\w*Mapping)", kind)] == []


@practice("test-real-database")
@pytest.mark.parametrize("_repetition", range(2))
async def test_each_test_has_the_real_database_to_itself(api: FastAPI, client: AsyncClient, _repetition: int) -> None:
    async with api.router.lifespan_context(api) as state, (state or {})["engine"].connect() as connection:
        counts = [select(func.count()).select_from(table) for table in Base.metadata.sorted_tables]
        assert [await connection.scalar(query) for query in counts] == [0] * len(counts)
        dialect = connection.engine.dialect
    assert f"URL={dialect.name}+{dialect.driver}:" in text_of(".env.example")
    for path, method, operation in operations(api):
        await client.request(method, url_of(path), json=example_of(api, operation))
