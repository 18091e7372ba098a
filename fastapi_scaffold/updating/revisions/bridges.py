"""Files of a history that the template has exchanged: a project that has the old one gets what leads to the new one."""

from collections.abc import Mapping
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
            before, after, bridge = (f"{name}/{step[part]}" for part in ("old", "new", "bridge"))
            if before in old and after in result:
                del result[after]
                result[before] = old[before]
                result[bridge] = read_file(root / "template" / "_bridges" / step["bridge"])
    return result
