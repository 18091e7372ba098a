"""Files that each name the one before, such as migrations: new ones are put after the last that there is."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath


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


def follow(
    names: Names, yours: Mapping[str, bytes], known: Mapping[str, bytes], added: Mapping[str, bytes], day: date
) -> dict[str, bytes]:
    """Return the `added` files as they go after the last of `yours`, each with its path; none where that is not clear.

    They have to be one chain after the `known` files, with which yours began, and yours must have one end. A file whose
    name is taken gets the next number, and the date in its path becomes `day`.
    """
    present, before, new = (_read(names, files) for files in (yours, known, added))
    if present is None or before is None or new is None:
        return {}
    ends, row = _ends(present), _in_a_row(new, before)
    if len(ends) != 1:
        return {}
    end, taken, placed = ends[0], set(present), dict[str, bytes]()
    for link in row:
        name = link.name if link.name not in taken else _next(taken)
        placed[_path(link, name, day)] = _rewritten(link, name, end)
        taken.add(name)
        end = name
    return {} if placed.keys() & yours.keys() else placed


def _read(names: Names, files: Mapping[str, bytes]) -> dict[str, Link] | None:
    """Return the links by name; None if a file says nothing that can be read, or two the same."""
    links = [
        _link(names, path, source)
        for path, source in files.items()
        if path.endswith(".py") and PurePosixPath(path).name != "__init__.py"
    ]
    by_name = {link.name: link for link in links if link}
    return by_name if len(by_name) == len(links) else None


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


def _ends(links: Mapping[str, Link]) -> list[str]:
    """Return the names after which nothing comes; none where a file that something comes after is missing."""
    earlier = {name for link in links.values() for name in link.earlier}
    return [name for name in links if name not in earlier] if earlier <= links.keys() else []


def _in_a_row(new: Mapping[str, Link], before: Mapping[str, Link]) -> list[Link]:
    """Return the new links in their order; none if they are no chain after one of those `before`."""
    followers = {link.earlier: link for link in new.values()}
    row = [link for link in new.values() if len(link.earlier) == 1 and link.earlier[0] in before]
    if len(row) != 1:
        return []
    while len(row) < len(new) and (link := followers.get((row[-1].name,))):
        row.append(link)
    return row if len({link.name for link in row}) == len(new) else []


def _next(taken: Iterable[str]) -> str:
    """Return a number after all that are `taken`."""
    numbers = [int(name) for name in taken if re.fullmatch("[0-9]{4}", name)]
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
