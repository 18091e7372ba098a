"""Files that no update touches: they are the user's alone."""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path, PurePosixPath

from fastapi_scaffold.system.files import Files
from fastapi_scaffold.writing.actions import KEEP, FileAction


def excluded(project: Path, committed: Container[str], old: Files, new: Files) -> list[str]:
    """Return the rendered paths that stay out of the merge: what is on the disk and not `committed` is in their place.

    Such as ignored files.
    """
    paths = sorted(old.keys() | new.keys())
    return [path for path in paths if path not in committed and _is_occupied(project, committed, path)]


def kept(occupied: Iterable[str], old: Files, new: Files, histories: Iterable[str]) -> Iterator[FileAction]:
    """Yield what happens to each path that was left out although the template has something new there."""
    for path in occupied:
        if old.get(path) != new.get(path):
            yield FileAction(path, KEEP, "git does not have it, so yours could not be restored")
    for path in histories:
        yield FileAction(path, KEEP, "yours since the project was created")


def _is_occupied(project: Path, committed: Container[str], path: str) -> bool:
    """Tell whether something that git does not have is at `path`, or where one of its parents has to be."""
    for part in [*reversed(PurePosixPath(path).parents), PurePosixPath(path)]:
        place = project / part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            # What git has is for the merge to decide.
            return str(part) not in committed
    place = project / path
    return place.is_dir() and any(
        found.relative_to(project).as_posix() not in committed
        for found in place.rglob("*")
        if found.is_symlink() or not found.is_dir()
    )
