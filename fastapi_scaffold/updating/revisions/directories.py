"""Histories, such as migrations: directories that are the user's once they are created.

They have no part in a merge, wherever the user has moved them: an update changes nothing in them, and says what is to
be done there. It adds files to one only where the template has more than before and nothing else has changed, and where
it is clear what they come after.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from fastapi_scaffold.system.files import PLAIN, Files
from fastapi_scaffold.updating.merge import Entry, Merger
from fastapi_scaffold.updating.revisions.rebase import Names, Unclear, alone, follow

Row = Mapping[str, Any]
"""What `copier.yml` says of a history."""


@dataclass(frozen=True)
class History:
    """A history of a project, with its files by where they are now: yours and those of the two renders."""

    row: Row
    yours: Mapping[str, Entry]
    before: Files
    after: Files
    used: bool
    """Whether the template has something around it, though it may have nothing in it."""

    @property
    def changed(self) -> list[str]:
        """The user's files that the template has changed."""
        return [path for path in self.yours if self.before.get(path) != self.after.get(path)]


@dataclass
class Histories:
    """What an update does about the histories of a project."""

    old: dict[str, tuple[str, bytes]]
    """The old render without them."""
    new: dict[str, tuple[str, bytes]]
    """The new render without them, but with what is added after the user's last file."""
    yours: set[str] = field(default_factory=set)
    """The user's files in them."""
    kept: list[str] = field(default_factory=list)
    """Those of these that the template has changed."""
    notes: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    """What the user has to do before the project can be proven."""
    later: list[str] = field(default_factory=list)
    """What can wait until then."""


def today() -> date:
    """Return the day that new files are of."""
    return datetime.now().astimezone().date()


def look_after(rows: Mapping[str, Row], merger: Merger, old: Files, new: Files) -> Histories:
    """Decide about each history in `rows` that the project has, or had.

    Not about those of which the template has nothing more, nor around them, while nothing in them is the user's.
    """
    result = Histories(dict(old), dict(new))
    for name, row in rows.items():
        before, after = ({path: file for path, file in files.items() if _is_in(name, path)} for files in (old, new))
        place = _place(name, merger.committed, before, [path for path in {**old, **new} if not _is_in(name, path)])
        yours = {path: entry for path, entry in merger.committed.items() if _is_in(place, path)}
        if not yours and not before:
            result.later += row.get("later", []) if after else []
            continue
        around = str(PurePosixPath(name).parent)
        used = bool(after) or (around != "." and any(_is_in(around, path) for path in new))
        if not used and all(before.get(path) == merger.file(entry) for path, entry in yours.items()):
            continue
        for path in {**before, **after}:
            result.old.pop(path, None)
            result.new.pop(path, None)
        if not yours and before != after:
            result.notes.append(f"There is no {name} any more: what the template has new there was left out.")
        if yours:
            there = {"steps": row["steps"], "leave": row.get("leave", [])}
            there = {when: [step.replace(name, place) for step in steps] for when, steps in there.items()}
            moved = [
                {place + path.removeprefix(name): file for path, file in files.items()} for files in (before, after)
            ]
            _see_to(History({**row, **there}, yours, moved[0], moved[1], used), merger, result)
    return result


def _place(name: str, committed: Iterable[str], before: Iterable[str], others: Sequence[str]) -> str:
    """Return the directory in which the history is now: where most of the files are that the template had in it.

    Not one in which there are `others` of the template.
    """
    names = {PurePosixPath(path).name for path in before}
    found = Counter(str(PurePosixPath(path).parent) for path in committed if PurePosixPath(path).name in names)
    places = [place for place in found if not any(_is_in(place, path) or _is_in(path, place) for path in others)]
    return max(places, key=lambda place: (found[place], place == name), default=name)


def _is_in(directory: str, path: str) -> bool:
    return directory == "." or path == directory or path.startswith(f"{directory}/")


def _see_to(history: History, merger: Merger, result: Histories) -> None:
    """Add what is new to the history, or say what is to be done in it."""
    row, remedy, placed = history.row, tuple[str, ...](), dict[str, bytes]()
    try:
        placed = _placed(history, merger)
    except Unclear as unclear:
        remedy = unclear.remedy
        result.notes.append(unclear.reason)
    result.yours |= history.yours.keys()
    if placed:
        result.new |= {path: (PLAIN, content) for path, content in placed.items()}
        result.notes.append(row["added"])
        result.later += row["later"]
        return
    result.kept += history.changed
    if history.before != history.after:
        result.notes.append(row["behind" if history.used else "unused"])
        result.steps += [*remedy, *row["steps"]] if history.used else row["leave"]


def _placed(history: History, merger: Merger) -> dict[str, bytes]:
    """Return the new files, put after the user's last one; none if something else has changed. Raises Unclear."""
    added = {path: file for path, file in history.after.items() if path not in history.before}
    if "chain" not in history.row or not added:
        return {}
    names = Names(**history.row["chain"])
    if any(_alone(names, file) != _alone(names, history.after.get(path)) for path, file in history.before.items()):
        return {}
    contents = {path: merger.file(entry)[1] for path, entry in history.yours.items()}
    known, more = ({path: content for path, (_, content) in files.items()} for files in (history.before, added))
    placed = dict[str, bytes]()
    for row in _rows(history.row, more):
        placed |= follow(names, contents | placed, known, row, today())
    return placed


def _rows(row: Row, added: Mapping[str, bytes]) -> list[dict[str, bytes]]:
    """Return new files that are in a row: each bridge comes after what was known, and so do all other files."""
    bridges = {step["bridge"] for step in row.get("bridges", [])}
    alone = [{path: added[path]} for path in sorted(added) if PurePosixPath(path).name in bridges]
    others = {path: content for path, content in added.items() if PurePosixPath(path).name not in bridges}
    return [*alone, others] if others else alone


def _alone(names: Names, file: tuple[str, bytes] | None) -> tuple[str, bytes] | None:
    return file and (file[0], alone(names, file[1]))
