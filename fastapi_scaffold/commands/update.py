"""Bring a project to the version of this program, change its answers, or both.

Git merges what changed in the template into what is yours. The project has to be committed first; afterwards nothing
is committed, and the report says how to undo the update.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastapi_scaffold.asking.answer_files import parse_data
from fastapi_scaffold.commands.options import Changing, Data, Diff, DryRun, Project
from fastapi_scaffold.system.directories import absolute
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.updating.plan import Plan, Request, make_plan
from fastapi_scaffold.writing.project import check_there, find_project, read_record

if TYPE_CHECKING:
    from fastapi_scaffold.proving.proof import Proof
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.updating.outcome import Outcome
    from fastapi_scaffold.updating.repository import Repository

_TO = typer.Option("--to", metavar="VERSION", help="To this version, not the newest.", show_default=False)
_CHECK = typer.Option("--check", help="Exit with 0 when up to date and 1 when an update waits.")


@dataclass(frozen=True, kw_only=True)
class Options(Changing):
    """How `update` was called."""

    directory: Project = None
    data: Data = None
    to: Annotated[str | None, _TO] = None
    dry_run: DryRun = False
    diff: Diff = False
    check: Annotated[bool, _CHECK] = False
    flags: dict[str, str] = field(default_factory=dict)
    """The answers that have an option of their own."""

    @property
    def writes(self) -> bool:
        """Whether the project is changed, and not only looked at."""
        return not self.check and super().writes


def run(options: Options) -> ExitCode:
    """Update a project as `options` say, prove it and print the report.

    Raises ScaffoldError if it cannot be updated, in which case nothing was changed.
    """
    given = parse_data(options.data or []) | options.flags
    return carry_out(options, Request(find_project(options.directory), given, options.to, check=options.check))


def carry_out(options: Changing, request: Request) -> ExitCode:
    """Do what `request` says. Raises ScaffoldError if that cannot be, in which case nothing was changed."""
    from fastapi_scaffold.reporting.printing import print_report
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.reporting.updated import report_updated

    project = absolute(request.project)
    progress = Progress(silent=options.silent)
    with ExitStack() as stack:
        repository = None if request.check else _open(stack, project, options, progress)
        plan = make_plan(stack, project, request)
        if repository is None or plan.up_to_date:
            code = ExitCode.DONE if plan.up_to_date else ExitCode.FAILED
            print_report(report_updated(plan, code, None), options)
            return code
        outcome, patch = _merge(stack, plan, repository, options, progress)
        applied = repository if options.writes else None
        provable = applied and not (options.no_verify or outcome.conflicts or outcome.steps)
        proof = _prove(plan, progress) if provable else None
        code = _exit_code(options, outcome, proof)
        print_report(report_updated(plan, code, outcome, applied, proof, patch=patch), options)
        return code


def _open(stack: ExitStack, project: Path, options: Changing, progress: "Progress") -> "Repository":
    """Return the project's repository, put in order and kept from other updates until `stack` ends."""
    from fastapi_scaffold.updating.apply import one_at_a_time
    from fastapi_scaffold.updating.repository import check_settled, open_repository

    try:
        repository = open_repository(project)
    except (ScaffoldError, OSError):
        # Whether there is a project at all is said first.
        read_record(project)
        raise
    # An interrupted update may have taken the answers file away; it is undone before anything is looked at.
    if options.writes and stack.enter_context(one_at_a_time(repository)):
        progress.say("Undid an update that was interrupted")
    check_there(project)
    check_settled(repository)
    return repository


def _merge(
    stack: ExitStack, plan: Plan, repository: "Repository", options: Changing, progress: "Progress"
) -> "tuple[Outcome, str]":
    """Return what the update does, and as a patch if that was asked for; it is done unless it is only looked at."""
    from fastapi_scaffold.system.shell import path_notes
    from fastapi_scaffold.updating.apply import apply, check_hidden, take_snapshot
    from fastapi_scaffold.updating.consequences import surroundings
    from fastapi_scaffold.updating.merge import open_merger
    from fastapi_scaffold.updating.outcome import diff, plan_outcome
    from fastapi_scaffold.updating.rendered import render_both
    from fastapi_scaffold.updating.repository import check_committed, tracked_paths

    try:
        # First what the files look like, then whether that is what is committed: a later change is noticed.
        tracked = tracked_paths(repository)
        snapshot = take_snapshot(repository, tracked)
        check_committed(repository)
        merger = stack.enter_context(open_merger(repository))
        with progress.busy(f"Merging{plan.way}"):
            outcome = plan_outcome(plan, merger, render_both(plan))
        check_hidden(repository, outcome.merge, tracked)
        if not options.writes:
            return outcome, diff(merger, outcome.merge) if options.diff else ""
        apply(merger, outcome.merge, snapshot)
        return replace(outcome, notes=[*outcome.notes, *surroundings(repository), *path_notes()]), ""
    except KeyboardInterrupt as error:
        raise Cancelled("Cancelled, the project was not changed.") from error


def _prove(plan: Plan, progress: "Progress") -> "Proof":
    from fastapi_scaffold.proving.proof import prove

    progress.say(f"{plan.done.capitalize()} {plan.subject or plan.project}{plan.way}")
    try:
        with progress.busy("Proving"):
            capabilities = plan.new.capabilities(plan.carried.answers)
            # Its lock file is of the time before the update.
            return prove(plan.project, capabilities, locked=False, progress=progress.step)
    except KeyboardInterrupt as error:
        raise plan.cancelled from error


def _exit_code(options: Changing, outcome: "Outcome", proof: "Proof | None") -> ExitCode:
    if outcome.conflicts:
        return ExitCode.CONFLICTS
    if outcome.steps and options.writes and not options.no_verify:
        return ExitCode.NOT_PROVEN
    return proof.exit_code if proof else ExitCode.DONE
