"""What a command tells at its end: one object, shown as text or as JSON."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from fastapi_scaffold.proving.evidence import TestResult
from fastapi_scaffold.proving.practices import Practice, load_practices
from fastapi_scaffold.proving.proof import FAILED, NOT_PROVEN, PASSED, RUNNING, SKIPPED, WAITING, Proof, Step
from fastapi_scaffold.system.console import VERBATIM, Console, Line, plain_if_needed, shorten
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.actions import CONFLICT, DELETE, KEEP, FileAction
from fastapi_scaffold.writing.preview import count, tree_lines

_STYLES = {PASSED: "green", FAILED: "red", NOT_PROVEN: "yellow", SKIPPED: "dim"}
_MARKS = {
    PASSED: ("✓", "+"),
    FAILED: ("✗", "x"),
    NOT_PROVEN: ("?", "?"),
    SKIPPED: ("-", "-"),
    WAITING: (" ", " "),
    RUNNING: ("▸", ">"),
}
_DETAIL_LINES = 40
_MESSAGE_LENGTH = 200
# How many practices are named that fail for one reason.
_NAMED = 5
_FILE_STYLES = {CONFLICT: "red", DELETE: "yellow", KEEP: "dim"}


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
    files: Sequence[FileAction]
    command_line: str
    merged: bool = False
    """Whether it joined files that were there."""
    written: bool = True
    """Whether it was made, and not only shown."""
    tree: bool = False
    """Whether the files are listed."""
    patch: str = ""


@dataclass(frozen=True)
class Updated:
    """What `update` did, or would do, to each file."""

    from_version: str
    to_version: str
    files: Sequence[FileAction]
    conflicts: Sequence[str]
    waits: bool
    """Whether there was anything to do."""
    applied: bool
    diff: str
    undo: str
    pending: bool = False
    """Whether it could not be proven yet, because the user has to do something first."""
    subject: str = ""
    """What was updated, if not the project as a whole."""
    done: str = "updated"


def print_report(report: Report, *, as_json: bool, quiet: bool, verbose: bool = False) -> None:
    """Print `report` on stdout."""
    report = replace(report, next_steps=[typed(step) for step in report.next_steps])
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report)) + "\n")
        return
    console = Console(sys.stdout)
    lines = [_summary(report)] if quiet else list(_lines(report, console, verbose=verbose))
    for text, style in lines:
        console.print(text, style=style)


def mark(status: str, console: Console) -> str:
    """Return the sign for `status`, in ASCII where `console` cannot show the other."""
    return plain_if_needed(*_MARKS[status], console.encoding)


def plural(number: int, noun: str) -> str:
    """Return such as "1 test" or "2 tests"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def step_line(step: Step, console: Console) -> str:
    """Return the line that says how a step ended."""
    time = {SKIPPED: " not run", WAITING: "        "}.get(step.status) or f"{step.seconds:6.2f} s"
    return f"{mark(step.status, console)} {step.name:<12} {time}  {step.command}"


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_json(report: Report) -> dict[str, Any]:
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


# ── Text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(report: Report, console: Console, *, verbose: bool) -> Iterator[Line]:
    if report.created and not report.created.written:
        yield from _preview_lines(report.created)
    if report.updated:
        yield from _file_lines(report.updated)
    if report.proof:
        yield from _practice_lines(report.proof, console, verbose=verbose)
        yield from _problem_lines(report.proof, verbose=verbose)
    yield "", None
    yield _summary(report)
    for note in report.notes:
        yield note, None
    if report.next_steps:
        yield "", None
        yield "Next steps", "bold"
        yield from ((f"  {step}", VERBATIM) for step in report.next_steps)
    if report.updated and report.updated.undo:
        yield "", None
        yield "To undo the update", "bold"
        yield f"  {report.updated.undo}", VERBATIM
    if report.created:
        yield "", None
        yield "The same project again", "bold"
        yield f"  {report.created.command_line}", VERBATIM


def _preview_lines(created: Created) -> Iterator[Line]:
    yield from ((line, VERBATIM) for line in created.patch.splitlines())
    if created.tree:
        yield from ((line, VERBATIM) for line in tree_lines(created.files))


def _summary(report: Report) -> Line:
    if report.created and not report.created.written:
        return f"{report.project}: {count(report.created.files)}. Nothing was written.", None
    made = report.project
    if report.created:
        made = f"{'Merged into' if report.created.merged else 'Created'} {report.project}"
    proof = report.proof
    if report.updated:
        made = _way(report.project, report.updated)
        if proof is None:
            return _update_summary(made, report.updated)
    if proof is None:
        return f"{made}: not proven, because of --no-verify.", None
    words = {PASSED: "proven", FAILED: "proof FAILED", NOT_PROVEN: "NOT PROVEN"}[proof.status]
    verdicts = proof.verdicts
    practices = [f"{plural(len(verdicts.proven), 'practice')} proven"]
    practices += [f"{len(verdicts.failed)} failed"] if verdicts.failed else []
    practices += [f"{len(verdicts.unproven)} unproven"] if verdicts.unproven else []
    tests = [f"{plural(proof.count(PASSED), 'test')} passed"]
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
    made += f": {updated.subject}" if updated.subject else ":"
    if updated.conflicts:
        what = plural(len(updated.conflicts), "conflict")
        foreseen = f"would be {updated.done} with" if updated.subject else "an update would leave"
        return f"{made} {f'{updated.done} with' if updated.applied else foreseen} {what}.", "red"
    if not updated.applied:
        waits = f"would be {updated.done}" if updated.subject else "an update waits"
        return f"{made} {waits}. Nothing was changed.", None
    if updated.pending:
        return f"{made} {updated.done}, NOT PROVEN before the next steps are done.", _STYLES[NOT_PROVEN]
    return f"{made} {updated.done}, not proven, because of --no-verify.", None


def _file_lines(updated: Updated) -> Iterator[Line]:
    yield from ((line, VERBATIM) for line in updated.diff.splitlines())
    for file in updated.files:
        came = f" (was {file.source})" if file.source else ""
        reason = "" if file.says_all else f": {file.reason}"
        yield f"{file.action:<8}  {file.path}{came}{reason}", _FILE_STYLES.get(file.action)


def _practice_lines(proof: Proof, console: Console, *, verbose: bool) -> Iterator[Line]:
    """Yield a line for each group, and below it what is not proven; with `verbose` everything."""
    if not proof.tests:
        return
    verdicts = proof.verdicts
    found = {PASSED: verdicts.proven, FAILED: verdicts.failed, NOT_PROVEN: verdicts.unproven}
    outcomes = {name: outcome for outcome, tests in found.items() for name in tests}
    evidence = {**verdicts.proven, **verdicts.failed, **verdicts.unproven}
    counted = set() if verbose else {name for cause in _causes(proof) if cause.many for name in cause.practices}
    known = [practice for practice in load_practices() if practice.id in outcomes]
    groups = {group: list(rows) for group, rows in groupby(known, lambda practice: practice.group)}
    if own := sorted(outcomes.keys() - {practice.id for practice in known}):
        groups["This project's own"] = [_own(name) for name in own]
    yield "", None
    untested = sum(not tests for tests in verdicts.unproven.values())
    if untested > len(outcomes) / 2 and not verbose:
        # One cause, which is told further down, and not a hundred findings.
        groups = {}
        yield (
            f"{mark(NOT_PROVEN, console)} Of {len(outcomes)} practices {untested} have no test that ran.",
            _STYLES[NOT_PROVEN],
        )
    for group, rows in groups.items():
        proven = sum(outcomes[practice.id] == PASSED for practice in rows)
        status = max((outcomes[practice.id] for practice in rows), key=[PASSED, NOT_PROVEN, FAILED].index)
        yield f"{mark(status, console)} {proven:>3}/{len(rows):<3} {group}", "bold" if verbose else _STYLES[status]
        for practice in rows:
            outcome = outcomes[practice.id]
            if verbose or (outcome != PASSED and practice.id not in counted):
                yield f"  {mark(outcome, console)} {practice.id}: {practice.title}", _STYLES[outcome]
            # What failed is told with its tests further down.
            if verbose or outcome == NOT_PROVEN:
                yield f"      {_evidence(evidence[practice.id])}", VERBATIM
    if not verbose:
        explain = typed("fastapi-scaffold practices ID")
        yield f"  --verbose names each practice and its test; `{explain}` explains one.", "dim"


def _own(name: str) -> Practice:
    """Return a practice that the project has and the catalogue has not."""
    return Practice(name, name, "", "", "", "", (), frozenset(), "test")


def _evidence(tests: Sequence[TestResult]) -> str:
    if not tests:
        return "no test ran"
    more = f" (+{len(tests) - 1})" if len(tests) > 1 else ""
    return f"{tests[0].name}{more}"


@dataclass(frozen=True)
class Cause:
    """What several tests failed of, in the same words: a fixture that all use, a module that none can import."""

    tests: Sequence[TestResult]
    practices: Sequence[str]
    """Those that failed of nothing else."""

    @property
    def many(self) -> bool:
        """Whether its practices are counted, and not named."""
        return len(self.practices) > _NAMED


def _causes(proof: Proof) -> list[Cause]:
    """Return what more than one test failed of, unless all of them prove the same practice."""
    words: dict[tuple[str, ...], list[TestResult]] = {}
    for test in proof.tests:
        if test.outcome == FAILED:
            words.setdefault(_words(test), []).append(test)
    several = [tests for tests in words.values() if len(tests) > 1 and len({test.practices for test in tests}) > 1]
    several += [tests for tests in words.values() if len(tests) > 1 and not any(test.practices for test in tests)]
    told = {id(test): number for number, tests in enumerate(several) for test in tests}
    only: dict[int, list[str]] = {}
    for name, tests in proof.verdicts.failed.items():
        if all(id(test) in told for test in tests):
            only.setdefault(told[id(tests[0])], []).append(name)
    return [Cause(tests, only.get(number, [])) for number, tests in enumerate(several)]


def _words(test: TestResult) -> tuple[str, ...]:
    """Return what tells one cause from another: two tests come to the same `assert 404 == 200` by different ways."""
    message = re.sub(r'^failed on \w+ with "(.*)"$', r"\1", re.sub(r"0x[0-9a-f]+", "", test.message))
    return (message, test.location) if message.startswith(("assert", "AssertionError", "Failed: ")) else (message,)


def _problem_lines(proof: Proof, *, verbose: bool) -> Iterator[Line]:
    by_id = {practice.id: practice for practice in load_practices()}
    causes = [] if verbose else _causes(proof)
    told = {id(test) for cause in causes for test in cause.tests}
    for cause in causes:
        yield from _cause_lines(cause)
    for practice_id, failed in proof.verdicts.failed.items():
        practice = by_id.get(practice_id)
        tests = [test for test in failed if id(test) not in told]
        if not tests:
            continue
        yield "", None
        yield f"Failed: {practice.title if practice else practice_id} ({practice_id})", "bold red"
        yield from ((line, None) for line in _test_lines(tests, verbose=verbose))
        if practice:
            yield f"  Why:  {practice.why}", None
            yield f"  Fix:  {practice.form}", None
            yield from ((f"  See:  {source}", VERBATIM) for source in practice.sources[:1])
        yield f"  Try:  {typed('uv run pytest')} '{tests[0].name}'", VERBATIM
    for test in proof.tests:
        own = not any(name in proof.verdicts.failed for name in test.practices)
        if test.outcome == FAILED and own and id(test) not in told:
            yield "", None
            yield f"Failed: {test.name}", "bold red"
            yield f"  {test.location}  {shorten(test.message, _MESSAGE_LENGTH)}", None
            yield f"  Try:  {typed('uv run pytest')} '{test.name}'", VERBATIM
    for step in proof.steps:
        # What the failed tests say is above, without what surrounds it.
        if step.detail and (verbose or " pytest" not in step.command or not proof.count(FAILED)):
            yield from _step_lines(step)


def _cause_lines(cause: Cause) -> Iterator[Line]:
    names = f"{len(cause.practices)}; --verbose names them" if cause.many else ", ".join(cause.practices)
    yield "", None
    yield f"Failed: {plural(len(cause.tests), 'test')}, for one reason", "bold red"
    yield f"  {cause.tests[0].location}  {shorten(cause.tests[0].message, _MESSAGE_LENGTH)}", None
    if cause.practices:
        yield f"  Practices that only this keeps from being proven: {names}", None
    yield f"  Try:  {typed('uv run pytest')} '{cause.tests[0].name}'", VERBATIM


def _test_lines(tests: Sequence[TestResult], *, verbose: bool) -> Iterator[str]:
    """Yield where and how each test failed; the same only once, unless all is asked for."""
    lines = [f"  {test.location}  {shorten(test.message, _MESSAGE_LENGTH)}" for test in tests]
    for line, number in Counter(lines).items():
        yield from [line] * number if verbose else [f"{line} ({number} tests)" if number > 1 else line]


def _step_lines(step: Step) -> Iterator[Line]:
    yield "", None
    yield f"{'Not proven' if step.status == NOT_PROVEN else 'Failed'}: {step.name}", f"bold {_STYLES[step.status]}"
    lines = step.detail.splitlines()
    if len(lines) > _DETAIL_LINES:
        yield f"  ... {len(lines) - _DETAIL_LINES} lines above", "dim"
    yield from ((f"  {line}", VERBATIM) for line in lines[-_DETAIL_LINES:])
    if step.status == FAILED:
        yield f"  Try:  {typed(step.remedy or step.command)}", VERBATIM
