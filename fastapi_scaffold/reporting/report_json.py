"""A report as one JSON object."""

from typing import Any

from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.proving.steps import Step
from fastapi_scaffold.reporting.report import Report, Updated


def as_json(report: Report) -> dict[str, Any]:
    """Return `report` as programs read it."""
    result: dict[str, Any] = {"command": report.command, "ok": report.ok, "project": report.project}
    if report.created:
        result["template_version"] = report.created.template_version
        result["answers"] = dict(report.created.answers)
        result["files"] = [file.as_json() for file in report.created.files]
        if not report.created.written:
            result |= {"dry_run": True, "diff": report.created.patch}
    if report.updated:
        result |= _updated_as_json(report.updated)
    result["proof"] = _proof_as_json(report.proof) if report.proof else None
    result |= {"notes": list(report.notes), "next_steps": list(report.next_steps)}
    if report.created:
        result["command_line"] = report.created.command_line
    return result


def _updated_as_json(updated: Updated) -> dict[str, Any]:
    return {
        "from_version": updated.from_version,
        "template_version": updated.to_version,
        "up_to_date": not updated.waits,
        "applied": updated.applied,
        "files": [file.as_json() for file in updated.files],
        "conflicts": list(updated.conflicts),
        "diff": updated.diff,
        "undo": updated.undo,
    }


def _proof_as_json(proof: Proof) -> dict[str, Any]:
    verdicts = proof.verdicts
    return {
        "status": proof.status,
        "steps": [_step_as_json(step) for step in proof.steps],
        "tests": {outcome: proof.count(outcome) for outcome in ("passed", "failed", "skipped")},
        "coverage": proof.coverage,
        "practices": {
            "proven": list(verdicts.proven),
            "failed": list(verdicts.failed),
            "unproven": list(verdicts.unproven),
        },
    }


def _step_as_json(step: Step) -> dict[str, Any]:
    result = {
        "name": step.name,
        "status": step.status,
        "seconds": round(step.seconds, 3),
        "command": step.command,
    }
    return result | ({"detail": step.detail} if step.detail else {})
