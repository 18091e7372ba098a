"""Histories, such as migrations: directories that are the user's once they are created.

An update changes nothing in them, and says what is to be done there. It adds files to one only where the template has
more than before and nothing else has changed, and where it is clear what they come after.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fastapi_scaffold.chain import Names, follow
from fastapi_scaffold.files import PLAIN, Files
from fastapi_scaffold.merge import Entry, Workshop

Row = Mapping[str, Any]
"""What `copier.yml` says of a history."""


@dataclass
class Histories:
    """What an update does about the histories of a project."""

    new: dict[str, tuple[str, bytes]]
    """The new render, in which what is added to a history comes after the user's last file."""
    kept: list[str] = field(default_factory=list)
    """The histories in which nothing happens."""
    notes: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    """Commands that the user has to run before the project can be proven."""
    later: list[str] = field(default_factory=list)
    """Commands that can wait until then."""


def today() -> date:
    """Return the day that new files are of."""
    return datetime.now().astimezone().date()


def look_after(rows: Mapping[str, Row], bench: Workshop, old: Files, new: Files) -> Histories:
    """Decide about each history in `rows` that the project has.

    Not about those that the template has no more while nothing in them is the user's.
    """
    result = Histories(dict(new))
    for name, row in rows.items():
        prefix = f"{name}/"
        yours = {path: entry for path, entry in bench.committed.items() if path.startswith(prefix)}
        before = {path: file for path, file in old.items() if path.startswith(prefix)}
        after = {path: file for path, file in new.items() if path.startswith(prefix)}
        if not yours or not (after or any(before.get(path) != bench.file(entry) for path, entry in yours.items())):
            continue
        if placed := _placed(row, bench, yours, before, after):
            result.new = {
                path: file for path, file in result.new.items() if path in before or path not in after
            } | placed
            result.notes.append(row["added"])
            result.later += row["later"]
            continue
        result.kept.append(name)
        if before != after:
            result.notes.append(row["behind" if after else "unused"])
            result.steps += row["steps"] if after else []
    return result


def _placed(
    row: Row, bench: Workshop, yours: Mapping[str, Entry], before: Files, after: Files
) -> dict[str, tuple[str, bytes]]:
    """Return the new files, put after the user's last one; none if something else has changed or that is not clear."""
    added = {path: file for path, file in after.items() if path not in before}
    if "chain" not in row or not added or {**before, **added} != after:
        return {}
    contents = {path: bench.file(entry)[1] for path, entry in yours.items()}
    known, more = ({path: content for path, (_, content) in files.items()} for files in (before, added))
    placed = follow(Names(**row["chain"]), contents, known, more, today())
    return {path: (PLAIN, content) for path, content in placed.items()}
