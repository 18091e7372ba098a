"""What is to be done to a project: the merge, what happens to each file, and what is left to the user."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.updating.conflicts import file_actions, resolve
from fastapi_scaffold.updating.consequences import consequences, lost_resources
from fastapi_scaffold.updating.exclusions import excluded, kept
from fastapi_scaffold.updating.handed_over import handed_over
from fastapi_scaffold.updating.merge import Merge, Merger
from fastapi_scaffold.updating.plan import Plan
from fastapi_scaffold.updating.rendered import Rendered
from fastapi_scaffold.updating.revisions.bridges import bridged
from fastapi_scaffold.updating.revisions.directories import Histories, look_after
from fastapi_scaffold.writing.actions import CONFLICT, FileAction
from fastapi_scaffold.writing.project import ANSWERS_FILE


@dataclass(frozen=True)
class Outcome:
    """What is to be done to the project."""

    merge: Merge
    files: Sequence[FileAction]
    notes: Sequence[str]
    steps: Sequence[str]
    """Commands that the user has to run before the project can be proven."""
    later: Sequence[str]
    """Commands that can wait until then."""

    @property
    def conflicts(self) -> list[str]:
        """The paths that git could not merge."""
        return [file.path for file in self.files if file.action == CONFLICT]


def plan_outcome(plan: Plan, merger: Merger, rendered: Rendered) -> Outcome:
    """Return what `rendered` does to the project. Raises ScaffoldError if something of the user's is in the way."""
    _check_free(plan, merger, rendered)
    rows = {**plan.old.tables.get("histories", {}), **plan.new.tables.get("histories", {})}
    histories = look_after(rows, merger, rendered.old, bridged(rows, rendered.old, rendered.new, plan.new_root))
    left_out = excluded(plan.project, merger.committed, histories.old, histories.new)
    merge = _merge(plan, merger, rendered, histories, left_out)
    if plan.new_version == plan.old_version and merge.changed == [merger.repository.prefix + ANSWERS_FILE]:
        # The code is as it is to be, so the tables are, too.
        histories = Histories(histories.old, histories.new)
    files = [*_actions(merger, merge), *kept(left_out, histories.old, histories.new, histories.kept)]
    return Outcome(
        merge=merge,
        files=sorted(files, key=lambda file: file.path),
        notes=[
            *plan.notes,
            *consequences(plan),
            *lost_resources(plan, merger, histories.old),
            *histories.notes,
        ],
        steps=histories.steps,
        later=histories.later,
    )


def _merge(plan: Plan, merger: Merger, rendered: Rendered, histories: Histories, left_out: Iterable[str]) -> Merge:
    old, new = histories.old, histories.new
    merge = merger.merge(
        {path: file for path, file in old.items() if path not in left_out},
        {path: file for path, file in new.items() if path not in left_out},
        plan.new_version,
        brought=rendered.brought,
        aside=histories.yours,
        instead=handed_over(plan.new.tables.get("handed_over", {}), merger, old, new),
    )
    return resolve(merge, merger.repository.prefix + ANSWERS_FILE)


def _actions(merger: Merger, merge: Merge) -> Iterator[FileAction]:
    """Yield what happens to each file that the merge is about, by its path in the project."""
    inside = merger.repository.inside
    for file in file_actions(merge, merger.repository.prefix + ANSWERS_FILE):
        yield replace(file, path=inside(file.path), source=file.source and inside(file.source))


def _check_free(plan: Plan, merger: Merger, rendered: Rendered) -> None:
    """Raise ScaffoldError if what an answer brings would hide a module of the user's, or `add` meet another file."""
    yours, brought, new = merger.committed, rendered.brought, rendered.new
    packages = {str(parent) for path in brought for parent in PurePosixPath(path).parents}
    hidden = [f"{name}.py" for name in sorted(packages) if f"{name}.py" in yours and f"{name}.py" not in new]
    met = [path for path in sorted(brought) if path in yours and plan.change and merger.file(yours[path]) != new[path]]
    for path in [*hidden, *met]:
        why = f"{path.removesuffix('.py')}/ would hide" if path in hidden else "is not what would be added"
        raise ScaffoldError(
            "name_taken",
            f"There is {path} already, which {why}. Nothing was changed.",
            "Choose another name, or another plural after a slash; or give yours another name, commit, and try again.",
            ExitCode.USAGE,
        )


def diff(merger: Merger, merge: Merge) -> str:
    """Return what the project's files would become, as a patch."""
    sides = (
        [(merger.repository.inside(path), tree[path]) for path in merge.changed if path in tree]
        for tree in (merge.yours, merge.result)
    )
    return merger.diff(*sides).decode(errors="replace")
