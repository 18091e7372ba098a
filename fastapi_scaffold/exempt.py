"""Files that no update touches: they are the user's alone."""

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from fastapi_scaffold.files import Files
from fastapi_scaffold.verdicts import KEEP, Verdict

HISTORY = "yours since the project was created"
HISTORY_OF_OTHERS = "not added: this directory is yours since the project was created"
OCCUPIED = "git does not have it, so yours could not be restored"


def exempt(
    project: Path, committed: Container[str], histories: Iterable[str], old: Files, new: Files
) -> dict[str, str]:
    """Return the rendered paths that stay out of the merge, each with the reason.

    They are what is on the disk and not `committed`, such as ignored files, and everything below `histories`.
    """
    paths = sorted(old.keys() | new.keys())
    history = [path for path in paths if any(path.startswith(f"{name}/") for name in histories)]
    left_out = {path: HISTORY if path in committed else HISTORY_OF_OTHERS for path in history}
    occupied = (path for path in paths if path not in committed and _is_occupied(project, committed, path))
    return left_out | dict.fromkeys(occupied, OCCUPIED)


def kept(left_out: Mapping[str, str], old: Files, new: Files) -> Iterator[Verdict]:
    """Yield a verdict for each path that was left out although the template has something new there."""
    for path, reason in left_out.items():
        gone = reason == HISTORY_OF_OTHERS and path not in new
        if old.get(path) != new.get(path) and not gone:
            yield Verdict(path, KEEP, reason)


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
