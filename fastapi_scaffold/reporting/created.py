"""What `new` says at its end."""

import shlex
from collections.abc import Sequence

from fastapi_scaffold import __version__
from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.proving.steps import PASSED
from fastapi_scaffold.reporting.report import Created, Report
from fastapi_scaffold.system.directories import is_here
from fastapi_scaffold.system.shell import path_notes
from fastapi_scaffold.writing.creation import Written
from fastapi_scaffold.writing.plan import Plan
from fastapi_scaffold.writing.project import read_tasks


def report_created(plan: Plan, written: Written, proof: Proof | None) -> Report:
    """Return the report on a project that was made, and proven unless there is no `proof`."""
    return Report(
        command="new",
        ok=proof is None or proof.status == PASSED,
        project=str(plan.path),
        proof=proof,
        created=_created(plan, written),
        notes=[*plan.notes, *(proof.notes if proof else ()), *path_notes()],
        next_steps=_next_steps(plan, proof),
    )


def report_preview(plan: Plan, written: Written, notes: Sequence[str], *, tree: bool) -> Report:
    """Return the report on a project that was only shown, with its files as a `tree` if that was asked for."""
    created = _created(plan, written, shown=True, tree=tree)
    return Report(command="new", ok=True, project=str(plan.path), proof=None, created=created, notes=notes)


def _created(plan: Plan, written: Written, *, shown: bool = False, tree: bool = False) -> Created:
    return Created(
        template_version=__version__,
        answers=plan.answers,
        files=written.files,
        command_line=plan.command_line,
        merged=plan.destination.merges,
        written=not shown,
        tree=tree,
        patch=written.patch,
    )


def _next_steps(plan: Plan, proof: Proof | None) -> list[str]:
    """Return what is left to do, and nothing that is done."""
    tasks = read_tasks(plan.path)
    steps = [] if is_here(plan.path) else [shlex.join(["cd", plan.shown])]
    proven = proof is not None and proof.status == PASSED
    steps += [] if proven else ["fastapi-scaffold verify"]
    steps += [f"uv run poe {task}" for task in ("database", "migrate") if task in tasks]
    steps.append(("uv run poe dev" if "dev" in tasks else "uv run fastapi dev") + "  # http://127.0.0.1:8000/docs")
    steps += ["fastapi-scaffold add NAME FIELD:TYPE...  # a resource of your own"] if proven else []
    return steps
