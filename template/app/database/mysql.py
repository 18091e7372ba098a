"""MySQL and MariaDB: the engine and what only these databases need."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    LargeBinary,
    Select,
    String,
    Table,
    Uuid,
    cast,
    collate,
    event,
    func,
    inspect,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.functions import now

DIALECT = "mysql"
CONNECT_SECONDS = 5
# Wrong values are errors, times are UTC, and what takes too long is stuck. The comments are for one of the two each.
SESSION = (
    "SET sql_mode = 'TRADITIONAL', time_zone = '+00:00', innodb_lock_wait_timeout = 5, lock_wait_timeout = 5"
    " /*!80000 , max_execution_time = 30000 */ /*M! , max_statement_time = 30 */"
)
MIGRATION = ("SET /*!80000 max_execution_time = 0 */ /*M! max_statement_time = 0 */",)
READ_ONLY = {"mysql_begin": "START TRANSACTION READ ONLY"}
# A value that is taken, and a reference to a row that is gone or is to go.
CONFLICTS = frozenset({1062, 1451, 1452})
# No connection (1040, 1053, 1203, 2003), a lock that others hold (1205, 1213), a statement that took too long, a full
# disk (1021, 1114).
TEMPORARY = frozenset({1021, 1040, 1053, 1114, 1203, 1205, 1213, 1317, 1969, 2003, 3024})


def read_url(given: str) -> str:
    """Add the driver; raise ValueError for anything but an address. A password may have an @: the last one ends it."""
    account, place = r"(?:(.*?)(@))?", r"(?:\[[^\]@]+\]|[^\]\[@:/?]*)(?::\d+)?(?:/[^@?]*)?(?:\?.*)?"
    found = re.fullmatch(rf"(?:mysql|mariadb)(?:\+\w+)?://{account}({place})", given)
    if not found:
        message = "this is no address like mysql://user:password@host/database"
        raise ValueError(message)
    return f"{DIALECT}+asyncmy://{(found[1] or '').replace('@', '%40')}{found[2] or ''}{found[3]}"


def create_engine(url: str, **options: float) -> AsyncEngine:
    """Make the pool; nothing is opened before the first query."""
    engine = create_async_engine(
        url,
        pool_pre_ping=True,
        # The default would lock the gaps between rows, and have parallel requests fail as deadlocks.
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4", "init_command": SESSION},
        **options,
    )
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def begin(connection: Connection) -> None:
    """Begin a transaction that cannot write; the others begin with their first statement."""
    statement = connection.get_execution_options().get("mysql_begin")
    if statement:
        connection.exec_driver_sql(statement)


@event.listens_for(Table, "before_create")
def prepare(table: Table, *_: object, **__: object) -> None:
    """Compare text byte by byte: by default `é` is `e`, and somebody else's address would find an account."""
    table.dialect_kwargs.update(mysql_engine="InnoDB", mysql_default_charset="utf8mb4", mysql_collate="utf8mb4_bin")


@event.listens_for(Mapper, "before_delete")
def delete_what_goes_with_it(mapper: Mapper[Any], connection: Connection, row: object) -> None:
    """Delete what cascades, the last first: InnoDB refuses a row as soon as another one of them refers to it."""
    tables = reversed(mapper.registry.metadata.sorted_tables)
    for key in [key for table in tables if table is not mapper.local_table for key in table.foreign_keys]:
        if key.column.table is mapper.local_table and key.ondelete == "CASCADE":
            table, gone = key.parent.table, key.parent == getattr(row, key.column.name)
            for own in [own.parent for own in table.foreign_keys if own.column.table is table]:
                connection.execute(table.update().where(gone).values({own: None}))
            connection.execute(table.delete().where(gone))


@compiles(DateTime, "mysql")
def keep_microseconds(_type: DateTime, _compiler: object, **_: object) -> str:
    """Without a precision, times would be rounded to seconds."""
    return "DATETIME(6)"


@compiles(LargeBinary, "mysql")
def keep_what_is_long(_type: LargeBinary, _compiler: object, **_: object) -> str:
    """Of bytes, 64 KiB would be the most."""
    return "MEDIUMBLOB"


@compiles(now, "mysql")
def now_with_microseconds(_function: now, _compiler: object, **_: object) -> str:
    """Give the present time in the precision of the columns."""
    return "CURRENT_TIMESTAMP(6)"


def folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Make small what can be: beyond A to Z, too, É is é."""
    return func.lower(collate(text, "utf8mb4_bin"))


def sort_key(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sort text by its bytes, of which the server looks at 1,024: as text, what ends would come after a line break.

    A field that is a UUID is sorted by its digits; MariaDB would begin with the last ones.
    """
    if isinstance(column.type, Uuid):
        return cast(column, String(36))
    return cast(column, LargeBinary) if isinstance(column.type, String) else column


def moment(value: datetime) -> datetime:
    """Compare times as they are."""
    return value


def told_index(query: Select[Any], model: type[object]) -> Select[Any]:
    """Name the index in whose order a page is: MariaDB reckons with all that follows, and would read what is before."""
    for index in inspect(model).local_table.indexes:
        if [column.name for column in index.columns][-2:] == ["created_at", "id"]:
            name = mysql.dialect().identifier_preparer.format_index(index)
            query = query.with_hint(model, f"FORCE INDEX FOR ORDER BY ({name})")
    return query


def is_conflict(error: IntegrityError) -> bool:
    """Tell what other rows do not allow from a value that is missing, which is a bug."""
    return not CONFLICTS.isdisjoint(getattr(error.orig, "args", ()))


def is_temporary(error: DBAPIError) -> bool:
    """Tell an error of the moment from a bug; a lost connection is known to be one."""
    return not TEMPORARY.isdisjoint(getattr(error.orig, "args", ()))
