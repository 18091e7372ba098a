"""One atomic application of a merge: prepared beside the project, moved into place by `transaction`, or undone."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.files import EXECUTABLE, PLAIN
from fastapi_scaffold.system.git import Git, GitFailed
from fastapi_scaffold.system.interrupts import shielded
from fastapi_scaffold.updating import transaction
from fastapi_scaffold.updating.merge import Entry, Merge, Merger, index_info
from fastapi_scaffold.updating.repository import Repository, check_contents

_STAGING = "fastapi-scaffold-update"
_SUBMODULE = "160000"

Snapshot = Mapping[str, transaction.Signature | None]


@contextmanager
def one_at_a_time(repository: Repository) -> Generator[bool]:
    """Keep other updates of this repository out, and undo one that the end of the machine has interrupted.

    Gives whether there was one. Raises ScaffoldError if another update is at work, or if the interrupted one cannot be
    undone.
    """
    with _locked(repository.git_directory):
        yield _recover(repository)


def take_snapshot(repository: Repository, paths: Iterable[str]) -> Snapshot:
    """Return what `paths` and the index look like now, to notice later that somebody changed them meanwhile."""
    shots = {path: transaction.signature(repository.root / path) for path in paths}
    return {**shots, "": transaction.signature(repository.index)}


def check_hidden(repository: Repository, merge: Merge, tracked: Mapping[str, str]) -> None:
    """Raise ScaffoldError if the update would change a file with changes that git does not see."""
    changed = {path: merge.yours[path] for path in merge.changed if path in merge.yours}
    for path, option in tracked.items():
        if option and (path in changed or path in merge.stages):
            raise ScaffoldError(
                "hidden_changes",
                f"Git was told to ignore your changes to {path}, which the update changes. Nothing was changed.",
                f"End that with: {shlex.join(['git', '-C', str(repository.root), 'update-index', option, path])}",
            )
    check_contents(
        repository, {path: entry.oid for path, entry in changed.items() if entry.mode in {PLAIN, EXECUTABLE}}
    )


def apply(merger: Merger, merge: Merge, snapshot: Snapshot) -> None:
    """Make the project what `merge` says. Raises ScaffoldError, in which case nothing was changed."""
    repository = merger.repository
    if moved := [path for path in merge.changed for tree in (merge.yours, merge.result) if _is_submodule(tree, path)]:
        raise ScaffoldError(
            "submodule_in_the_way",
            f"The update would move the submodule {moved[0]}, which only you can do. Nothing was changed.",
            "Move it with `git mv`, commit, and update again.",
        )
    staging = _staging(repository)
    try:
        staging.mkdir()
        _prepare(merger, merge, snapshot, staging)
        # Ctrl-C comes too late from here on: it takes some milliseconds.
        with shielded():
            _move(staging)
            # Only so that the next `git status` need not read the files; what cannot be refreshed is refreshed then.
            Git(repository.root).run("update-index", "-q", "--refresh")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise _cannot_apply(reason) from error
    except GitFailed as error:
        raise _cannot_apply(error.message) from error
    finally:
        if not transaction.is_unfinished(staging):
            shutil.rmtree(staging, ignore_errors=True)


def _prepare(merger: Merger, merge: Merge, snapshot: Snapshot, staging: Path) -> None:
    """Fill the staging directory: the new files as the work tree wants them, the new index, the plan."""
    repository = merger.repository
    placed = {path: merge.result[path] for path in merge.changed if path in merge.result}
    _check_links(repository, placed, merge.changed)
    staged = {entry.oid for versions in merge.stages.values() for entry in versions.values()}
    _copy_objects(merger, {entry.oid for entry in placed.values()} | staged)

    contents = Git(repository.root, GIT_INDEX_FILE=str(staging / "contents"))
    contents.out("update-index", "-z", "--index-info", stdin=index_info((path, 0, at) for path, at in placed.items()))
    (staging / "tree").mkdir()
    contents.out("checkout-index", "--all", f"--prefix={staging / 'tree'}{os.sep}")

    _write_index(repository, merge, placed, staging)
    _write_plan(repository, merge, placed, snapshot, staging)


def _write_index(repository: Repository, merge: Merge, placed: Mapping[str, Entry], staging: Path) -> None:
    """Write the new index: the old one, with what is placed, and the conflicts as git keeps them."""
    shutil.copyfile(repository.index, staging / "index")
    index = Git(repository.root, GIT_INDEX_FILE=str(staging / "index"))
    nothing = "0" * (40 if repository.object_format == "sha1" else 64)
    # First what goes: a file may come where a directory was.
    lines = [index_info([(path, 0, None)], nothing) for path in {**dict.fromkeys(merge.changed), **merge.stages}]
    lines += [index_info([(path, 0, entry)]) for path, entry in placed.items() if path not in merge.stages]
    lines += [index_info((path, *version) for version in found.items()) for path, found in merge.stages.items()]
    index.out("update-index", "-z", "--index-info", stdin=b"".join(lines))


def _write_plan(
    repository: Repository, merge: Merge, placed: Mapping[str, Entry], snapshot: Snapshot, staging: Path
) -> None:
    """Write what `transaction` reads."""
    plan = {
        "root": str(repository.root),
        "project": str(repository.project),
        "index": str(repository.index),
        "lock": f"{repository.index}.lock",
        "index_was": snapshot[""],
        "moves": [
            {
                "path": path,
                "before": snapshot[path] if path in merge.yours else None,
                "after": transaction.signature(staging / "tree" / path) if path in placed else None,
            }
            for path in merge.changed
        ],
        "directories": _new_directories(repository, placed),
    }
    (staging / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def _check_links(repository: Repository, placed: Mapping[str, object], changed: list[str]) -> None:
    """Raise ScaffoldError rather than write through a link, which may lead anywhere."""
    for path in placed:
        for parent in Path(path).parents:
            if (repository.root / parent).is_symlink() and str(parent) not in changed:
                raise ScaffoldError(
                    "link_in_the_way",
                    f"The update needs a directory {parent}, where there is a link. Nothing was changed.",
                    f"Replace {parent} by a directory, commit, and update again.",
                )


def _copy_objects(merger: Merger, needed: set[str]) -> None:
    """Give the project's repository the objects that it does not have yet."""
    names = "".join(f"{oid}\n" for oid in sorted(needed)).encode()
    pack = merger.git.out("pack-objects", "--quiet", "--local", "--stdout", stdin=names)
    merger.repository.git.out("unpack-objects", "-q", stdin=pack)


def _new_directories(repository: Repository, placed: Mapping[str, object]) -> list[str]:
    """Return the directories to make, the outer ones first; one may be where a file was."""
    parents = {parent for path in placed for parent in Path(path).parents}
    return sorted(str(parent) for parent in parents if not (repository.root / parent).is_dir())


def _move(staging: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own module
        # Isolated and without site-packages it starts in 10 ms.
        [sys.executable, "-I", "-S", transaction.__file__, str(staging)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        close_fds=False,
        start_new_session=True,
        check=False,
    )
    if done.returncode == 0:
        return
    try:
        failure = json.loads(done.stdout)
    except ValueError:
        raise _cannot_apply(done.stderr.decode(errors="replace").strip()) from None
    raise _not_moved(staging, failure["code"], failure["detail"])


def _not_moved(staging: Path, code: str, detail: str) -> ScaffoldError:
    """Return what to say of a failure of `transaction`: the name of its exception and what that says."""
    if code == "Locked":
        return ScaffoldError(
            "locked",
            "Another git command is at work in this repository. Nothing was changed.",
            f"Wait for it and update again. If there is none, remove {detail}",
        )
    if code == "Changed":
        return ScaffoldError(
            "changed_meanwhile",
            f"{detail} was changed while the update was prepared. Nothing was changed by the update.",
            "Commit the change and update again.",
        )
    return _in_the_way(staging, detail) if code == "InTheWay" else _cannot_apply(detail)


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    try:
        import fcntl
    except ImportError:
        # Windows has no such module, and git's own lock to rely on.
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The program that makes the moves inherits it, and so keeps the lock if it outlives this one.
        os.set_inheritable(descriptor, True)
        yield
    except BlockingIOError as error:
        raise ScaffoldError(
            "locked", "Another update is at work in this repository. Nothing was changed.", "Wait for it to end."
        ) from error
    finally:
        os.close(descriptor)


def _recover(repository: Repository) -> bool:
    staging = _staging(repository)
    unfinished = transaction.is_unfinished(staging)
    if unfinished:
        try:
            transaction.roll_back(staging)
        except transaction.InTheWay as error:
            raise _in_the_way(staging, str(error)) from error
    shutil.rmtree(staging, ignore_errors=True)
    return unfinished


def _staging(repository: Repository) -> Path:
    """Return a place on the file system of the project; the repository's directory may be on another one."""
    same = repository.git_directory.stat().st_dev == repository.project.stat().st_dev
    return repository.git_directory / _STAGING if same else repository.project / f".{_STAGING}"


def _is_submodule(tree: Mapping[str, object], path: str) -> bool:
    return getattr(tree.get(path), "mode", "") == _SUBMODULE


def _in_the_way(staging: Path, paths: str) -> ScaffoldError:
    return ScaffoldError(
        "interrupted",
        f"An update was interrupted and cannot be undone, because something new is in the place of: {paths}",
        f"Move that away and update again. What was there before is in {staging / 'old'}",
    )


def _cannot_apply(reason: str) -> ScaffoldError:
    return ScaffoldError(
        "cannot_apply",
        f"The update cannot be written: {reason.rstrip('.')}. Nothing was changed.",
        "Make room on the disk, or see to the permissions, and update again.",
    )
