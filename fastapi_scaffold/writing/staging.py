"""All or nothing: a project is prepared beside its destination and appears there in one step."""

import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.files import LITTER
from fastapi_scaffold.system.interrupts import shielded

GITIGNORE = ".gitignore"
# How names end: of what was replaced, and of a directory that will be locked within seconds.
_REPLACED, _EARLY, _SECONDS = ".replaced", ".new", 60
# What no project has.
_BESIDE = {".git", *LITTER}


def occupied(destination: Path) -> bool:
    """Tell whether there is something at `destination` that a new project would meet.

    A repository without files is nothing. Raises ScaffoldError if that cannot be found out, or if it is a file.
    """
    try:
        if destination.exists() and not destination.is_dir():
            raise ScaffoldError(
                "not_a_directory", f"{destination} is a file.", "Choose another directory.", ExitCode.USAGE
            )
        ours = _staging_names(destination)
        return destination.exists() and any(
            not (path.name in _BESIDE or ours.fullmatch(path.name)) for path in destination.iterdir()
        )
    except OSError as error:
        raise cannot_write(destination, error) from error


def check_destination(destination: Path) -> None:
    """Raise ScaffoldError if there is something at `destination` that a new project would meet, as `occupied` says."""
    if occupied(destination):
        why, hint = "", "Choose another directory, or say with --on-existing what is to happen."
        if rest := _half_moved(destination):
            why = ": a run that was killed has moved a part of its project there"
            hint = f"Remove {rest} and what you did not put there yourself, or choose another directory."
        raise ScaffoldError(
            "directory_not_empty", f"{destination} is not empty{why}. Nothing was changed.", hint, ExitCode.USAGE
        )


def _half_moved(destination: Path) -> Path | None:
    """Return where a run that was killed while it filled `destination` has left the rest."""
    names = _staging_names(destination)
    found = (path.parent for path in destination.glob(f".*.tmp/.*{_REPLACED}") if names.fullmatch(path.parent.name))
    return next(found, None)


def check_writable(destination: Path) -> None:
    """Raise ScaffoldError if the system will not let a project be made at `destination`, as far as can be told."""
    try:
        there = next(path for path in (destination, *destination.parents) if path.exists())
    except OSError as error:
        raise cannot_write(destination, error) from error
    if not there.is_dir():
        raise cannot_write(destination, OSError(errno.ENOTDIR, ""))
    if not os.access(there, os.W_OK | os.X_OK):
        read_only = sys.platform != "win32" and os.statvfs(there).f_flag & os.ST_RDONLY
        raise cannot_write(destination, OSError(errno.EROFS if read_only else errno.EACCES, ""))


@contextmanager
def staged(destination: Path, *, merge: bool = False) -> Generator[Path]:
    """Give an empty directory to fill; when the block ends well its content becomes `destination`.

    With `merge` the destination may have something in it: what is staged joins it, and replaces what has its name.
    When the block does not end well, or the user stops it, everything is as before. Raises ScaffoldError.
    """
    if not merge:
        check_destination(destination)
    # An existing directory is filled rather than replaced: it may be a mount point, somebody's working directory, or
    # owned in a way that its replacement could not be.
    exists = destination.is_dir()
    place = destination if exists else destination.parent
    made: list[Path] = []
    staging = place / f".{destination.name[:40]}.{secrets.token_hex(4)}.tmp"
    lock = None
    try:
        lock = _begin(destination, staging, made)
        yield staging
        with shielded():
            if not merge:
                # Another run of this program may have been quicker.
                check_destination(destination)
            _publish(staging, destination, fill=exists)
    except BaseException:
        with shielded():
            _remove(staging, made)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _begin(destination: Path, staging: Path, made: list[Path]) -> int | None:
    """Make `staging`, and add to `made` the parents that this took; returns the lock on it, if there can be one."""
    try:
        made += _make_parents(staging.parent)
        _clear_away(staging.parent, _staging_names(destination))
        with shielded():
            return _make_locked(staging)
    except OSError as error:
        raise cannot_write(destination, error) from error


def _staging_names(destination: Path) -> "re.Pattern[str]":
    return re.compile(rf"\.{re.escape(destination.name[:40])}\.[0-9a-f]{{8}}\.(tmp|new)", re.DOTALL)


def _make_locked(staging: Path) -> int | None:
    """Make the directory `staging`, locked as long as this process lives and keeps what is returned."""
    # No other run may take it for a leftover before it is locked.
    early = staging.with_suffix(_EARLY)
    early.mkdir()
    lock = _lock(early)
    early.rename(staging)
    return lock


def _lock(directory: Path) -> int | None:
    """Lock `directory`; returns nothing where another process has, or where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _clear_away(place: Path, names: "re.Pattern[str]") -> None:
    """Remove what a run that was killed has left in `place`."""
    # Where others may write, one need not be allowed to look.
    for path in place.iterdir() if os.access(place, os.R_OK) else ():
        if names.fullmatch(path.name) and not _is_young(path) and (lock := _lock(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _is_young(path: Path) -> bool:
    """Tell whether another run may have made `path` and not locked it yet."""
    return path.suffix == _EARLY and time.time() - path.stat().st_mtime < _SECONDS


def _make_parents(directory: Path) -> list[Path]:
    """Make `directory` and its parents, and return those that were missing, innermost first."""
    absent = [path for path in (directory, *directory.parents) if not path.exists()]
    made: list[Path] = []
    try:
        for path in reversed(absent):
            path.mkdir()
            made.insert(0, path)
    except OSError:
        _remove(None, made)
        raise
    return made


def _publish(staging: Path, destination: Path, *, fill: bool) -> None:
    try:
        if not fill:
            staging.rename(destination)
            return
        moved: list[tuple[Path, Path]] = []
        # Replaced files wait here until everything is in its place.
        replaced = staging / f".{secrets.token_hex(4)}{_REPLACED}"
        replaced.mkdir()
        try:
            _move_into(staging, destination, replaced, moved)
        except OSError:
            for source, target in reversed(moved):
                target.rename(source)
            raise
        shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise cannot_write(destination, error) from error


def _move_into(source: Path, target: Path, replaced: Path, moved: list[tuple[Path, Path]]) -> None:
    """Move everything in `source` into `target`, noting each move so that it can be taken back."""
    # First what keeps the rest out of git.
    for path in sorted(source.iterdir(), key=lambda path: (path.name != GITIGNORE, path)):
        if path == replaced:
            continue
        there = target / path.name
        if path.is_dir() and there.is_dir():
            _move_into(path, there, replaced, moved)
            continue
        if os.path.lexists(there):
            aside = replaced / str(len(moved))
            there.rename(aside)
            moved.append((there, aside))
        path.rename(there)
        moved.append((path, there))


def _remove(staging: Path | None, made: list[Path]) -> None:
    if staging is not None:
        shutil.rmtree(staging, ignore_errors=True)
    for path in made:
        try:
            path.rmdir()
        except OSError:
            # Somebody else put something there meanwhile.
            return


def cannot_write(destination: Path | str, error: OSError) -> ScaffoldError:
    """Return the error for a `destination` that the system refuses."""
    if error.errno == errno.ENAMETOOLONG:
        message = f"{destination} is too long a name. Nothing was changed."
        return ScaffoldError("name_too_long", message, "Choose a shorter one.", ExitCode.USAGE)
    reason = os.strerror(error.errno) if error.errno else str(error)
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return ScaffoldError(
        "cannot_write",
        f"{destination} cannot be written: {reason}. Nothing was changed.",
        "Make room, or choose a directory on another disk." if full else "Choose a directory that you may write to.",
    )
