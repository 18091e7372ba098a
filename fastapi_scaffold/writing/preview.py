"""What happens to each file of a new project, as a tree and as a patch."""

import difflib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.writing.actions import CREATE, IDENTICAL, KEEP, MERGE, REPLACE, FileAction
from fastapi_scaffold.writing.staging import GITIGNORE, cannot_write

SECRETS = ".env"


def compare(staging: Path, destination: Path, *, replace: bool) -> list[FileAction]:
    """Return what happens to each file in `staging` when it joins `destination`.

    A file that differs from the user's replaces it if `replace` says so, but never their secrets.
    Raises ScaffoldError if a directory is where a file belongs, or the other way round.
    """
    paths = sorted(path for path in staging.rglob("*") if path.is_file())
    try:
        return [_action(path, path.relative_to(staging), destination, replace=replace) for path in paths]
    except OSError as error:
        raise cannot_write(destination, error) from error


def _action(path: Path, name: Path, destination: Path, *, replace: bool) -> FileAction:
    there = destination / name
    for place in [destination / parent for parent in name.parents][:-1]:
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise _in_the_way(place, "has a directory")
    if not (there.is_symlink() or there.exists()):
        return FileAction(name.as_posix(), CREATE)
    if there.is_dir():
        raise _in_the_way(there, "has a file")
    if there.is_file() and there.read_bytes() == path.read_bytes():
        return FileAction(name.as_posix(), IDENTICAL, "yours is the same")
    if name.as_posix() == SECRETS:
        return FileAction(name.as_posix(), KEEP, "it holds your secrets")
    if name.as_posix() == GITIGNORE and not there.is_symlink():
        return FileAction(name.as_posix(), MERGE, "yours, and the lines that it lacks")
    if replace:
        return FileAction(name.as_posix(), REPLACE, "yours is different and will be lost")
    return FileAction(name.as_posix(), KEEP, "yours is different")


def _in_the_way(place: Path, what: str) -> ScaffoldError:
    return ScaffoldError(
        "in_the_way",
        f"{place} is in the way: the project {what} of this name. Nothing was changed.",
        "Move it, or choose another directory.",
        ExitCode.USAGE,
    )


def leave_out(staging: Path, files: Iterable[FileAction]) -> None:
    """Remove from `staging` what must not reach the destination."""
    for file in files:
        if file.action in {KEEP, IDENTICAL}:
            (staging / file.path).unlink()


def count(files: Sequence[FileAction]) -> str:
    """Return how many files there are and what happens to them, such as "92 files (90 create, 2 keep)"."""
    totals = Counter(file.action for file in files)
    if totals.keys() <= {CREATE}:
        return f"{len(files)} new files"
    parts = (f"{totals[action]} {action}" for action in (CREATE, REPLACE, MERGE, KEEP, IDENTICAL) if action in totals)
    return f"{len(files)} files ({', '.join(parts)})"


def tree_lines(files: Iterable[FileAction]) -> Iterator[str]:
    """Yield the files as a tree, with what happens to it before each."""
    open_directories: tuple[str, ...] = ()
    # Files of a directory before those of the directories in it.
    for file in sorted(files, key=lambda item: [(1, part) for part in item.path.split("/")[:-1]] + [(0, item.path)]):
        *directories, name = file.path.split("/")
        for depth, directory in enumerate(directories):
            if open_directories[: depth + 1] != tuple(directories[: depth + 1]):
                yield f"{'':<9}  {'  ' * depth}{directory}/"
        open_directories = tuple(directories)
        reason = f"  ({file.reason})" if file.reason else ""
        yield f"{file.action:<9}  {'  ' * len(directories)}{name}{reason}"


def summary_lines(files: Sequence[FileAction]) -> list[str]:
    """Return the files in a few lines: what is at the top, how many are in each directory, and each collision."""
    top: dict[str, int] = {}
    for file in files:
        directory, separator, _ = file.path.partition("/")
        top[directory + separator] = top.get(directory + separator, 0) + 1
    names = [f"{name} ({number})" if name.endswith("/") else name for name, number in sorted(top.items())]
    collisions = [item for item in files if item.action in {KEEP, MERGE, REPLACE}]
    return [
        f"{count(files)}:",
        ", ".join(names),
        *(f"{item.action} {item.path}: {item.reason}" for item in collisions),
    ]


def patch(staging: Path, destination: Path, files: Iterable[FileAction]) -> str:
    """Return what would be written, as a patch; secrets are not shown."""
    parts = []
    for file in files:
        if file.action not in {CREATE, MERGE, REPLACE} or file.path == SECRETS:
            continue
        before = [] if file.action == CREATE else _lines(destination / file.path)
        source = "/dev/null" if file.action == CREATE else f"a/{file.path}"
        lines = difflib.unified_diff(before, _lines(staging / file.path), source, f"b/{file.path}")
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)


def _lines(path: Path) -> list[str]:
    # Not splitlines(), which breaks at more than the end of a line.
    return list(io.StringIO(path.read_bytes().decode(errors="replace"), newline="\n"))
