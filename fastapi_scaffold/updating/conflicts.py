"""What an update does to each file, and why; and the few decisions that git leaves to us."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace

from fastapi_scaffold.system.files import LINK
from fastapi_scaffold.updating.merge import YOURS, Entry, Merge, Tree
from fastapi_scaffold.updating.repository import THEIRS
from fastapi_scaffold.writing.actions import (
    CONFLICT,
    CREATE,
    DELETE,
    KEEP,
    MERGE,
    NEW,
    RENAME,
    UNCHANGED,
    UPDATE,
    FileAction,
)


def resolve(merge: Merge, answers_file: str) -> Merge:
    """Return `merge` with the conflicts decided that need nobody.

    The answers file is always the template's. What the user deleted stays deleted. Where a file met a link, git puts
    the user's one aside under another name; it stays where it was instead.
    """
    result, stages = dict(merge.result), dict(merge.stages)
    if answers_file in merge.theirs:
        stages.pop(answers_file, None)
        result[answers_file] = merge.theirs[answers_file]
    for path, versions in merge.stages.items():
        if path in merge.base and path not in merge.yours and 2 not in versions:
            del stages[path]
            result.pop(path, None)
        elif original := _put_aside(merge, path):
            stages[original] = stages.get(original, {}) | stages.pop(path)
            result.pop(path, None)
            result[original] = merge.yours[original]
        elif aside := next(
            (name for name in result if name not in merge.stages and _put_aside_from(merge, name) == path), None
        ):
            # Older versions of git do not put the index entry aside with the file.
            stages[aside] = stages.pop(path)
        elif path in merge.yours and len({entry.mode[:2] for entry in versions.values()}) > 1:
            result[path] = merge.yours[path]
    for path in _lost_links(merge, result):
        sides = enumerate((merge.base.get(path), merge.yours[path], merge.theirs.get(path)), start=1)
        result[path] = merge.yours[path]
        stages[path] = {number: entry for number, entry in sides if entry is not None}
    return replace(merge, result=result, stages=stages)


def _lost_links(merge: Merge, result: Tree) -> list[str]:
    """Return the user's own links that are nowhere in the result: some versions of git keep them in the index only."""
    present = set(result.values())
    return [
        path
        for path, entry in merge.yours.items()
        if entry.mode == LINK and entry != merge.base.get(path) and entry not in present
    ]


def _put_aside(merge: Merge, path: str) -> str | None:
    """Return the file of the user's that git means with `path`, if it put one side of a conflict aside under that name.

    Not where a directory needs the original name: there it must be so.
    """
    original = _put_aside_from(merge, path)
    if original not in merge.yours or any(other.startswith(f"{original}/") for other in merge.result):
        return None
    return original


def _put_aside_from(merge: Merge, path: str) -> str | None:
    original = re.sub(rf"~({YOURS}|{THEIRS}-[^/~]+)(_\d+)?$", "", path)
    return None if original == path or path in merge.yours else original


def file_actions(merge: Merge, answers_file: str) -> Iterator[FileAction]:
    """Yield what happens to each path that changes, and for each that the template changed and the user keeps."""
    renamed = {
        path: source for path, source in merge.renamed.items() if path in merge.result and path not in merge.yours
    }
    sources = set(renamed.values())
    moved = {source: target for target, source in merge.moved.items()}
    paths = merge.base.keys() | merge.yours.keys() | merge.theirs.keys() | merge.result.keys() | merge.stages.keys()
    for path in sorted(paths):
        base, yours, theirs, result = (tree.get(path) for tree in (merge.base, merge.yours, merge.theirs, merge.result))
        if path == answers_file and base != yours != result:
            yield FileAction(path, UPDATE, "updates write it; what you had changed in it was replaced")
        elif path in merge.stages:
            aside = _put_aside_from(merge, path)
            source = aside if aside in merge.yours else renamed.get(path)
            yield FileAction(path, CONFLICT, _conflict(path, merge.stages[path]), source)
        elif yours != result:
            if yours is not None and result is None and path in sources:
                continue
            source = renamed.get(path)
            if source is not None:
                edited = merge.yours.get(source) != merge.base.get(source)
                yield FileAction(
                    path, RENAME, f"the template renamed it{', with what is yours in it' * edited}", source
                )
            else:
                yield _change(path, base, yours, result, merge.moved.get(path))
        elif base != theirs != yours and path not in moved and path not in sources:
            yield FileAction(path, KEEP, _keep(yours, theirs))


def _change(path: str, base: Entry | None, yours: Entry | None, result: Entry | None, moved: str | None) -> FileAction:
    if yours is None:
        return FileAction(path, CREATE, NEW)
    if result is None and yours != base:
        return FileAction(path, DELETE, "the template renamed it, and your changes went along")
    if result is None:
        return FileAction(path, DELETE, UNCHANGED)
    if moved is not None:
        return FileAction(path, MERGE, f"the template's change to {moved}, which you renamed")
    if yours == base:
        return FileAction(path, UPDATE, UNCHANGED)
    return FileAction(path, MERGE, "your changes and the template's")


def _keep(yours: Entry | None, theirs: Entry | None) -> str:
    if yours is None:
        return "you deleted it; the template changed it"
    if theirs is None:
        return "the template has it no more, but yours is another one"
    return "yours already has the change"


def _conflict(path: str, versions: Mapping[int, Entry]) -> str:
    if 1 not in versions and len(versions) == 1:
        side = "yours" if 2 in versions else "the template's"
        return f"a file on one side and a directory on the other; {side} got another name"
    if 3 not in versions:
        return "you changed it, the template deleted or renamed it; yours is kept"
    if 2 not in versions:
        return "you deleted or renamed it, the template changed it"
    modes = {entry.mode for entry in versions.values()}
    if len({mode[:2] for mode in modes}) > 1 or modes == {"120000"}:
        theirs = f"; see the template's with: {shlex.join(['git', 'show', f':3:{path}'])}" if 3 in versions else ""
        return f"a file on one side and a link on the other; yours is kept{theirs}"
    if 1 not in versions:
        return "you and the template both added it"
    return "you and the template changed the same lines"
