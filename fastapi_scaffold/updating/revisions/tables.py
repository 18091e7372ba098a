"""The tables that migrations make, as far as that can be read in them."""

import ast
from collections.abc import Iterable, Iterator

_CREATE, _DROP, _RENAME = "create_table", "drop_table", "rename_table"


def standing(migrations: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return the tables that are there after `migrations`, paths and sources in order; each with who made it."""
    tables: dict[str, str] = {}
    for path, source in migrations:
        for operation, names in _operations(source):
            if operation != _CREATE:
                tables.pop(names[0], None)
            if operation != _DROP:
                tables[names[-1]] = path
    return tables


def _operations(source: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield what `upgrade` does with tables as a whole, in order, with the names that it gives."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    upgrades = [function for function in functions if function.name == "upgrade"]
    calls = [node for upgrade in upgrades for node in ast.walk(upgrade) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        operation = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        names = [word.value for word in call.args[:2] if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        if operation in {_CREATE, _DROP, _RENAME} and len(names) >= 1 + (operation == _RENAME):
            # What follows the name of a new table are its columns.
            yield operation, names if operation == _RENAME else names[:1]
