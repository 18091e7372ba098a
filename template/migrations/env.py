"""Run the migrations on the database of the settings."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Literal

import anyio
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, DropConstraintOp, DropTableOp, ModifyTableOps
from sqlalchemy import Connection

import app
from app.config import get_settings
from app.database.base import Base, UtcDateTime
from app.database.engine import MIGRATION, engine_from


def load_models() -> None:
    """Import every `models` module, so that the metadata knows all tables."""
    for module in walk_packages(app.__path__, "app."):
        if module.name.endswith(".models"):
            import_module(module.name)


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write types of this application as what they are in the database: a migration must not change with the code."""
    del autogen
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def is_not_drop_of_key(operation: object) -> bool:
    """Tell what has to wait for foreign keys to go."""
    return not (isinstance(operation, DropConstraintOp) and operation.constraint_type == "foreignkey")


def sort_operations(_context: object, _revision: object, scripts: Iterable[Any]) -> None:
    """Let tables go after everything that refers to them, and come before.

    An index that a foreign key needs cannot go before it: keys go first, and the indexes of a table with the table.
    """
    for script in scripts:
        for part in (script.upgrade_ops, script.downgrade_ops):
            gone = {operation.table_name for operation in part.ops if isinstance(operation, DropTableOp)}
            for table in (operation for operation in part.ops if isinstance(operation, ModifyTableOps)):
                table.ops = [] if table.table_name in gone else sorted(table.ops, key=is_not_drop_of_key)
        script.upgrade_ops.ops.sort(key=lambda operation: isinstance(operation, DropTableOp))
        script.downgrade_ops.ops.sort(key=lambda operation: not isinstance(operation, CreateTableOp))


def run(connection: Connection) -> None:
    """Migrate in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
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
