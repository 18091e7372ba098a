"""What a command tells at its end: one object, shown as text or as JSON."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from fastapi_scaffold.console import Console
from fastapi_scaffold.evidence import TestResult
from fastapi_scaffold.practices import Practice, load_practices
from fastapi_scaffold.proof import FAILED, NOT_PROVEN, PASSED, SKIPPED, Proof, Step
from fastapi_scaffold.verdicts import Verdict

_STYLES = {PASSED: "green", FAILED: "red", NOT_PROVEN: "yellow", SKIPPED: "dim"}
_MARKS = {PASSED: ("✓", "+"), FAILED: ("✗", "x"), NOT_PROVEN: ("?", "?"), SKIPPED: ("-", "-")}
_DETAIL_LINES = 40
_FILE_STYLES = {"conflict": "red", "delete": "yellow", "keep": "dim"}


@dataclass(frozen=True)
class Report:
    """The result of a command. `created` is what `new` knows beside the proof, `updated` what `update` knows."""

    command: str
    ok: bool
    project: str
    proof: Proof | None
    created: "Created | None" = None
    updated: "Updated | None" = None
    notes: Sequence[str] = field(default_factory=list)
    next_steps: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Created:
    """What `new` made, and how to make it again."""

    template_version: str
    answers: Mapping[str, Any]
    files: Sequence[str]
    command_line: str


@dataclass(frozen=True)
class Updated:
    """What `update` did, or would do, to each file."""

    from_version: str
    to_version: str
    files: Sequence[Verdict]
    conflicts: Sequence[str]
    waits: bool
    """Whether there was anything to do."""
    applied: bool
    diff: str
    undo: str


def print_report(report: Report, *, as_json: bool, quiet: bool) -> None:
    """Print `report` on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report)) + "\n")
        return
    console = Console(sys.stdout)
    lines = [_summary(report)] if quiet else list(_lines(report, console))
    for text, style in lines:
        console.print(text, style=style)


def mark(status: str, console: Console) -> str:
    """Return the sign for `status`, in ASCII where `console` cannot show the other."""
    sign, plain = _MARKS[status]
    try:
        sign.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return plain
    return sign


def step_line(step: Step, console: Console) -> str:
    """Return the line that says how a step ended."""
    time = f"{step.seconds:6.2f} s" if step.status != SKIPPED else " not run"
    return f"{mark(step.status, console)} {step.name:<12} {time}  {step.command}"


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_json(report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {"command": report.command, "ok": report.ok, "project": report.project}
    if report.created:
        result["template_version"] = report.created.template_version
        result["answers"] = dict(report.created.answers)
        result["files"] = [{"path": path, "action": "create"} for path in report.created.files]
    if report.updated:
        result |= _updated_as_json(report.updated)
    result["proof"] = _proof_as_json(report.proof) if report.proof else None
    if report.updated:
        result["notes"] = list(report.notes)
    if report.created or report.updated:
        result["next_steps"] = list(report.next_steps)
    if report.created:
        result["command_line"] = report.created.command_line
    return result


def _updated_as_json(updated: Updated) -> dict[str, Any]:
    files = [
        {"path": file.path, "action": file.action, "reason": file.reason}
        | ({"from": file.source} if file.source else {})
        for file in updated.files
    ]
    return {
        "from_version": updated.from_version,
        "template_version": updated.to_version,
        "up_to_date": not updated.waits,
        "applied": updated.applied,
        "files": files,
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


# ── Text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

Line = tuple[str, str | None]


def _lines(report: Report, console: Console) -> Iterator[Line]:
    if report.updated:
        yield from _file_lines(report.updated)
    if report.proof:
        yield from _practice_lines(report.proof, console)
        yield from _problem_lines(report.proof)
    yield "", None
    yield _summary(report)
    for note in report.notes:
        yield note, None
    if report.next_steps:
        yield "", None
        yield "Next steps", "bold"
        yield from ((f"  {step}", None) for step in report.next_steps)
    if report.updated and report.updated.undo:
        yield "", None
        yield "To undo the update", "bold"
        yield f"  {report.updated.undo}", None
    if report.created:
        yield "", None
        yield "The same project again", "bold"
        yield f"  {report.created.command_line}", None


def _summary(report: Report) -> Line:
    made = f"Created {report.project}" if report.command == "new" else report.project
    proof = report.proof
    if report.updated:
        made = _way(report.project, report.updated)
        if proof is None:
            return _update_summary(made, report.updated)
    if proof is None:
        return f"{made}: not proven, because of --no-verify.", None
    words = {PASSED: "proven", FAILED: "proof FAILED", NOT_PROVEN: "NOT PROVEN"}[proof.status]
    verdicts = proof.verdicts
    practices = [f"{len(verdicts.proven)} practices proven"]
    practices += [f"{len(verdicts.failed)} failed"] if verdicts.failed else []
    practices += [f"{len(verdicts.unproven)} unproven"] if verdicts.unproven else []
    tests = [f"{proof.count(PASSED)} tests passed"]
    tests += [f"{proof.count(outcome)} {outcome}" for outcome in (FAILED, SKIPPED) if proof.count(outcome)]
    counts = [", ".join(practices), ", ".join(tests)]
    counts += [f"coverage {proof.coverage:g} %"] if proof.coverage is not None else []
    return f"{made}: {words} in {proof.seconds:.1f} s. {'; '.join(counts)}.", _STYLES[proof.status]


def _way(project: str, updated: Updated) -> str:
    """Return which update it is."""
    if updated.from_version == updated.to_version:
        return f"{project} ({updated.to_version})"
    return f"{project} ({updated.from_version} to {updated.to_version})"


def _update_summary(made: str, updated: Updated) -> Line:
    if not updated.waits:
        return f"{made}: up to date.", None
    if updated.conflicts:
        count = len(updated.conflicts)
        what = "1 conflict" if count == 1 else f"{count} conflicts"
        return f"{made}: {'updated with' if updated.applied else 'an update would leave'} {what}.", "red"
    if not updated.applied:
        return f"{made}: an update waits. Nothing was changed.", None
    return f"{made}: updated, not proven, because of --no-verify.", None


def _file_lines(updated: Updated) -> Iterator[Line]:
    yield from ((line, None) for line in updated.diff.splitlines())
    for file in updated.files:
        came = f" (was {file.source})" if file.source else ""
        yield f"{file.action:<8}  {file.path}{came}: {file.reason}", _FILE_STYLES.get(file.action)


def _practice_lines(proof: Proof, console: Console) -> Iterator[Line]:
    verdicts = proof.verdicts
    if not proof.tests:
        return
    outcomes = {
        **dict.fromkeys(verdicts.proven, PASSED),
        **dict.fromkeys(verdicts.failed, FAILED),
        **dict.fromkeys(verdicts.unproven, NOT_PROVEN),
    }
    tests = {**verdicts.proven, **verdicts.failed, **verdicts.unproven}
    known = [practice for practice in load_practices() if practice.id in outcomes]
    for group, members in groupby(known, lambda practice: practice.group):
        rows = list(members)
        proven = sum(outcomes[practice.id] == PASSED for practice in rows)
        yield "", None
        yield f"{group}  {proven}/{len(rows)}", "bold"
        for practice in rows:
            yield from _practice_line(practice, outcomes[practice.id], tests[practice.id], console)
    own = outcomes.keys() - {practice.id for practice in known}
    if own:
        yield "", None
        yield f"This project's own  {sum(outcomes[name] == PASSED for name in own)}/{len(own)}", "bold"
        yield from ((f"{mark(outcomes[name], console)} {name}", _STYLES[outcomes[name]]) for name in sorted(own))


def _practice_line(practice: Practice, status: str, tests: Sequence[TestResult], console: Console) -> Iterator[Line]:
    sign = mark(status, console)
    evidence = f"{tests[0].name}{f' (+{len(tests) - 1})' if len(tests) > 1 else ''}" if tests else "no test ran"
    line = f"{sign} {practice.id:<30}  {practice.title:<61}  {evidence}"
    if not console.is_terminal or len(line) <= console.width:
        yield line, _STYLES[status]
        return
    yield f"{sign} {practice.title}", _STYLES[status]
    yield f"    {evidence}", "dim"


def _problem_lines(proof: Proof) -> Iterator[Line]:
    by_id = {practice.id: practice for practice in load_practices()}
    for practice_id, tests in proof.verdicts.failed.items():
        practice = by_id.get(practice_id)
        yield "", None
        yield f"Failed: {practice.title if practice else practice_id} ({practice_id})", "bold red"
        for test in tests:
            yield f"  {test.location}  {test.message}", None
            yield f"    in {test.name}", "dim"
        if practice:
            yield f"  Why:  {practice.why}", None
            yield f"  Form: {practice.form}", None
    for step in proof.steps:
        if step.detail:
            yield "", None
            yield (
                f"{step.name}: {'not proven' if step.status == NOT_PROVEN else 'failed'}",
                f"bold {_STYLES[step.status]}",
            )
            lines = step.detail.splitlines()
            if len(lines) > _DETAIL_LINES:
                yield f"  … {len(lines) - _DETAIL_LINES} lines above; all of them: {step.command}", "dim"
            yield from ((f"  {line}", None) for line in lines[-_DETAIL_LINES:])
