"""Files that each name the one before, such as migrations: new ones are put after the last that there is."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import PurePosixPath

from fastapi_scaffold.updating.revisions.tables import standing

# How Alembic brings several ends together.
_JOIN = "uv run alembic merge heads -m merge"


@dataclass(frozen=True)
class Names:
    """The assignments in which a file says what it is called, and after which it comes."""

    id: str
    after: str


@dataclass(frozen=True)
class Link:
    """What a file of a chain says of itself."""

    path: str
    source: bytes
    id: ast.expr
    after: ast.expr

    @property
    def name(self) -> str:
        """What it is called."""
        return str(ast.literal_eval(self.id))

    @property
    def earlier(self) -> tuple[str, ...]:
        """What it comes after: nothing, one, or several that it brings together."""
        value = ast.literal_eval(self.after)
        return () if value is None else (value,) if isinstance(value, str) else tuple(value)


class Unclear(Exception):
    """Why new files cannot be put after the last one, and what to do before anything else."""

    def __init__(self, reason: str, *remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def follow(
    names: Names, yours: Mapping[str, bytes], known: Mapping[str, bytes], added: Mapping[str, bytes], day: date
) -> dict[str, bytes]:
    """Return the `added` files as they go after the last of `yours`, each with its path. Raises Unclear.

    They have to be one chain after the `known` files, with which yours began, and yours must have one end. A file whose
    number is taken gets the next one, and the date in its path becomes `day`.
    """
    present, before, new = (_read(names, files) for files in (yours, known, added))
    end, row = _end(present), _in_a_row(new, before)
    there = standing((present[name].path, present[name].source) for name in _in_order(present))
    for table in standing((link.path, link.source) for link in row):
        if table in there:
            raise Unclear(f"{there[table]} creates the table {table} already.")
    taken, placed = set(present), dict[str, bytes]()
    for link in row:
        name = _name(link, taken)
        placed[_path(link, name, day)] = _rewritten(link, name, end)
        taken.add(name)
        end = name
    if occupied := placed.keys() & yours.keys():
        raise Unclear(f"There is a file {min(occupied)} already.")
    return placed


def alone(names: Names, source: bytes) -> bytes:
    """Return the source of a file without what it comes after, which is another file where the template has more."""
    link = _link(names, "", source)
    return source if link is None else _rewritten(link, link.name, "")


def _read(names: Names, files: Mapping[str, bytes]) -> dict[str, Link]:
    """Return the links by name. Raises Unclear if a file says nothing that can be read, or two the same."""
    links: dict[str, Link] = {}
    twins = []
    for path, source in files.items():
        if not path.endswith(".py") or PurePosixPath(path).name == "__init__.py":
            continue
        link = _link(names, path, source)
        if link is None:
            raise Unclear(f"{path} does not say in plain words what it is called, and after which it comes.")
        if links.setdefault(link.name, link) is not link:
            twins.append(link)
    if twins:
        raise _same_name(names, links, twins)
    return links


def _same_name(names: Names, links: Mapping[str, Link], twins: Sequence[Link]) -> Unclear:
    """Return that each of the `twins` has the name of one of the `links`, and what to write into it instead."""
    paths = ", ".join(f"{links[twin.name].path} and {twin.path} are both called {twin.name}" for twin in twins)
    ends, taken, edits = _ends(links), set(links), list[str]()
    for twin in twins:
        name = _number(taken)
        after = f', {names.after} = "{ends[0]}"' if len(ends) == 1 else ""
        edits.append(f'Edit {twin.path}: {names.id} = "{name}"{after}')
        taken.add(name)
        ends = [name] if after else [*ends, name]
    return Unclear(f"{paths}.", *edits, *([] if len(ends) == 1 else [_JOIN]))


def _link(names: Names, path: str, source: bytes) -> Link | None:
    try:
        values = dict(_assignments(ast.parse(source)))
        link = Link(path, source, values[names.id], values[names.after])
        readable = all(isinstance(word, str) for word in (ast.literal_eval(link.id), *link.earlier))
    except (KeyError, SyntaxError, TypeError, ValueError):
        return None
    return link if readable else None


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in module.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if value is not None:
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))


def _end(links: Mapping[str, Link]) -> str:
    """Return the name after which nothing comes. Raises Unclear if it is not one, or some file is missing."""
    for link in links.values():
        if missing := [name for name in link.earlier if name not in links]:
            raise Unclear(f"{link.path} comes after {missing[0]}, which is not there.")
    _in_order(links)
    ends = _ends(links)
    if not ends:
        raise Unclear("There is nothing that they could come after.")
    if len(ends) > 1:
        raise Unclear(f"There are {len(ends)} heads: {', '.join(links[name].path for name in ends)}.", _JOIN)
    return ends[0]


def _ends(links: Mapping[str, Link]) -> list[str]:
    earlier = {name for link in links.values() for name in link.earlier}
    return [name for name in links if name not in earlier]


def _in_order(links: Mapping[str, Link]) -> list[str]:
    """Return the names, each after those that it comes after. Raises Unclear if some go in a circle."""
    try:
        return list(TopologicalSorter({name: link.earlier for name, link in links.items()}).static_order())
    except CycleError as error:
        circle = ", ".join(links[name].path for name in error.args[1])
        raise Unclear(f"These come after each other: {circle}.") from error


def _in_a_row(new: Mapping[str, Link], before: Mapping[str, Link]) -> list[Link]:
    """Return the new links in their order. Raises Unclear if they are no chain after one of those `before`, if any."""
    followers = {link.earlier: link for link in new.values()}
    starts = [link for link in new.values() if len(link.earlier) <= 1]
    first = [link for link in starts if (link.earlier[0] in before if link.earlier else not before)]
    row = first[:1]
    while 0 < len(row) < len(new) and (link := followers.get((row[-1].name,))):
        row.append(link)
    if len(first) != 1 or len({link.name for link in row}) != len(new):
        raise Unclear("What the template has new does not come in a row after what it had.")
    return row


def _name(link: Link, taken: Iterable[str]) -> str:
    """Return the number of `link`, or the next that is free, and what no other branch gives to another file."""
    numbers = {name[:4] for name in taken}
    number = link.name if link.name not in numbers else _number(taken)
    return f"{number}{sha256(link.source).hexdigest()[:4]}"


def _number(taken: Iterable[str]) -> str:
    """Return a number after all that are `taken`."""
    numbers = [int(name[:4]) for name in taken if re.fullmatch("[0-9]{4}([0-9a-f]{4})?", name)]
    return f"{max(numbers, default=0) + 1:04}"


def _path(link: Link, name: str, day: date) -> str:
    path = PurePosixPath(link.path)
    dated = re.sub(r"^\d{4}-\d\d-\d\d", day.isoformat(), path.name)
    return str(path.with_name(dated.replace(f"_{link.name}_", f"_{name}_", 1)))


def _rewritten(link: Link, name: str, after: str) -> bytes:
    """Return the source of `link` with another name after another one."""
    lines = link.source.splitlines(keepends=True)
    for place, word in ((link.id, name), (link.after, after)):
        at, line = place.lineno - 1, lines[place.lineno - 1]
        lines[at] = line[: place.col_offset] + json.dumps(word).encode() + line[place.end_col_offset :]
    return b"".join(lines)
