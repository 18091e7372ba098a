"""What the template has exchanged in a history: a project that has the old gets what leads to the new."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastapi_scaffold.system.files import Files, read_file


def bridged(rows: Mapping[str, Mapping[str, Any]], old: Files, new: Files, root: Path) -> Files:
    """Return `new`, but with the exchanged files as `old` has them, and with the `bridges` that come after them.

    `rows` are what `copier.yml` says of each history, and `root` is the template that `new` was rendered from.
    """
    result = dict(new)
    for name, row in rows.items():
        for step in row.get("bridges", []):
            find = _differing if "differs" in step else _exchanged
            found = find(step, name, old, new)
            for before, (after, _) in found.items():
                del result[after]
                result[before] = old[before]
            if found:
                mode, content = read_file(root / "template" / "_bridges" / step["bridge"])
                result[f"{name}/{step['bridge']}"] = mode, _filled(content, [table for _, table in found.values()])
    return result


def _exchanged(step: Mapping[str, str], name: str, old: Files, new: Files) -> dict[str, tuple[str, str]]:
    """Return the file that has another name now, which is beside it; it says itself which tables it is about."""
    before, after = f"{name}/{step['old']}", f"{name}/{step['new']}"
    return {before: (after, "")} if before in old and after in new else {}


def _differing(step: Mapping[str, str], name: str, old: Files, new: Files) -> dict[str, tuple[str, str]]:
    """Return the files that differ in what the pattern finds and in nothing else, with the table that is its group."""
    pattern, found = re.compile(step["differs"].encode()), dict[str, tuple[str, str]]()
    for path in sorted(path for path in old.keys() & new.keys() if path.startswith(f"{name}/")):
        before, after = old[path][1], new[path][1]
        match = pattern.search(after)
        if match and before != after and pattern.sub(b"", before) == pattern.sub(b"", after):
            found[path] = (path, match[1].decode())
    return found


def _filled(content: bytes, tables: Iterable[str]) -> bytes:
    """Write the tables, one a line, into a bridge that is about several."""
    lines = "".join(f"    {json.dumps(table)},\n" for table in tables)
    return re.sub(rb"(?m)^TABLES = .*$", f"TABLES = [\n{lines}]".encode(), content)
