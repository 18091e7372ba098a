"""What `update` says at its end, and `add` and `remove`, which are updates."""

import shlex

from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED
from fastapi_scaffold.reporting.report import Report, Updated
from fastapi_scaffold.system.directories import is_here
from fastapi_scaffold.system.errors import ExitCode
from fastapi_scaffold.updating.consequences import afterwards, settings
from fastapi_scaffold.updating.outcome import Outcome
from fastapi_scaffold.updating.plan import Plan
from fastapi_scaffold.updating.repository import Repository, tracked_paths, undo_command
from fastapi_scaffold.writing.project import LOCK_FILE


def report_updated(
    plan: Plan,
    exit_code: ExitCode,
    outcome: Outcome | None,
    applied: Repository | None = None,
    proof: Proof | None = None,
    *,
    patch: str = "",
) -> Report:
    """Return the report on a project of which `outcome` is to be made; without one, on whether an update waits.

    `applied` is the repository in which that was done, if it was; `proof` is there if it was proven.
    """
    undo = undo_command(applied) if applied else ""
    pending = exit_code == ExitCode.NOT_PROVEN and proof is None
    return Report(
        command=plan.command,
        ok=exit_code == ExitCode.DONE,
        project=str(plan.project),
        proof=proof,
        updated=_updated(plan, outcome, applied=applied is not None, diff=patch, undo=undo, pending=pending),
        notes=[*(outcome.notes if outcome else ()), *(proof.notes if proof else ())],
        next_steps=_next_steps(plan, applied, outcome, proof) if applied and outcome else (),
    )


def _updated(plan: Plan, outcome: Outcome | None, *, applied: bool, diff: str, undo: str, pending: bool) -> Updated:
    return Updated(
        from_version=plan.old_version,
        to_version=plan.new_version,
        files=outcome.files if outcome else (),
        conflicts=outcome.conflicts if outcome else (),
        waits=not plan.up_to_date,
        applied=applied,
        diff=diff,
        undo=undo,
        pending=pending,
        subject=plan.subject,
        done=plan.done,
    )


def _message(plan: Plan) -> str:
    if plan.change:
        return f"{plan.change.command.capitalize()} {plan.change.subject}"
    if plan.old_version != plan.new_version:
        return f"Update to fastapi-scaffold {plan.new_version.removeprefix('v')}"
    return f"Change {', '.join(f'{name}={value}' for name, value in plan.changes.items())}"


def _next_steps(plan: Plan, repository: Repository, outcome: Outcome, proof: Proof | None) -> list[str]:
    tracked = tracked_paths(repository)
    lock = repository.prefix + LOCK_FILE
    steps = [] if is_here(plan.project) else [shlex.join(["cd", str(plan.project)])]
    if outcome.conflicts:
        steps.append("Edit the files with conflicts, then: " + shlex.join(["git", "add", "--", *outcome.conflicts]))
    steps += [*settings(repository), *afterwards(plan, "before")]
    if proof is None and lock in tracked and f"{repository.prefix}pyproject.toml" in outcome.merge.changed:
        # A proof would have brought it up to date.
        steps.append("uv lock")
    steps += outcome.steps
    steps += _remedies(proof) if proof else []
    steps += [] if proof and proof.status == PASSED else ["fastapi-scaffold verify"]
    later = dict.fromkeys([*outcome.later, *afterwards(plan, "later")])
    steps += [step for step in later if step not in outcome.steps]
    if lock not in tracked:
        # The first proof of a project makes it.
        steps.append(shlex.join(["git", "add", LOCK_FILE]))
    # Beside a project in a directory other work may be staged.
    everything = ["--", "."] if repository.prefix else ["--all"]
    return [*steps, shlex.join(["git", "commit", "--message", _message(plan), *everything])]


def _remedies(proof: Proof) -> list[str]:
    """Return what may put the steps right that did not pass."""
    broken = [step for step in proof.steps if step.status in {FAILED, NOT_PROVEN}]
    return list(dict.fromkeys(step.remedy for step in broken if step.remedy))
