"""Run the migrations on the database of the settings."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Literal

import anyio
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import (
    AddColumnOp,
    CreateIndexOp,
    CreateTableOp,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableOp,
    ModifyTableOps,
)
from alembic.util import CommandError
from sqlalchemy import Connection, literal, select, table

import app
from app.config import get_settings
from app.database.base import Base, UtcDateTime
from app.database.engine import MIGRATION, engine_from

HISTORY = "".join("".join(path.read_text("utf-8").split()) for path in Path(__file__).parent.glob("versions/*.py"))


def load_models() -> None:
    """Import every `models` module, so that the metadata knows all tables."""
    for module in walk_packages(app.__path__, "app."):
        if module.name.endswith(".models"):
            import_module(module.name)


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write types of this application as what they are in the database: a migration must not change with the code."""
    del autogen
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def refuse_gaps(change: ModifyTableOps) -> None:
    """Stop where a new column would have no value in rows that are there, or an invented one."""
    for column in (operation.column for operation in change.ops if isinstance(operation, AddColumnOp)):
        rows = select(literal(1)).select_from(table(change.table_name)).limit(1)
        if not (column.nullable or column.server_default) and context.get_bind().scalar(rows):
            message = f"{change.table_name} has rows: give {column.name} a server_default, or make it optional at first"
            raise CommandError(message)


def last_dropped(operations: Iterable[Any]) -> list[Any]:
    """Let an index go when there is the one that a foreign key needs instead, but for one whose name is needed."""
    made = {one.index_name for one in operations if isinstance(one, CreateIndexOp)}
    drops = [one for one in operations if isinstance(one, DropIndexOp) and one.index_name not in made]
    return sorted(operations, key=lambda one: (isinstance(one, DropColumnOp), one in drops))


def sort_operations(_context: object, _revision: object, scripts: Iterable[Any]) -> None:
    """Let tables go after everything that refers to them, and come before.

    An index that a foreign key needs cannot go before it: keys go first, and the indexes of a table with the table.
    """
    for script in scripts:
        for part in (script.upgrade_ops, script.downgrade_ops):
            gone = {operation.table_name for operation in part.ops if isinstance(operation, DropTableOp)}
            for change in (operation for operation in part.ops if isinstance(operation, ModifyTableOps)):
                drops = [one for one in change.ops if isinstance(one, DropConstraintOp)]
                keys = [one for one in drops if one.constraint_type == "foreignkey"]
                change.ops = keys + last_dropped([one for one in change.ops if one not in keys])
                change.ops = [] if change.table_name in gone else change.ops
                if part is script.upgrade_ops:
                    refuse_gaps(change)
        script.upgrade_ops.ops.sort(key=lambda operation: isinstance(operation, DropTableOp))
        script.downgrade_ops.ops.sort(key=lambda operation: not isinstance(operation, CreateTableOp))


def run(connection: Connection) -> None:
    """Migrate in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # A table that no migration has made is somebody else's.
        include_name=lambda name, kind, _: kind != "table" or f'create_table("{name}",' in HISTORY,
        render_item=render_item,
        process_revision_directives=sort_operations,
        render_as_batch=not connection.dialect.supports_alter,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main(attributes: dict[str, Any]) -> None:
    """Open the database; tests bring settings of their own."""
    engine = engine_from(attributes.get("settings") or get_settings())
    try:
        async with engine.begin() as connection:
            for statement in MIGRATION:
                await connection.exec_driver_sql(statement)
            await connection.run_sync(run)
    finally:
        await engine.dispose()


load_models()
anyio.run(main, context.config.attributes)
