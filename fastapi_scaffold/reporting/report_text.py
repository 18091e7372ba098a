"""A report as lines for people."""

from collections.abc import Iterator

from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED, SKIPPED
from fastapi_scaffold.reporting.findings import practice_lines, problem_lines
from fastapi_scaffold.reporting.report import Created, Report, Updated
from fastapi_scaffold.reporting.signs import STYLES, plural
from fastapi_scaffold.system.console import VERBATIM, Console, Line
from fastapi_scaffold.writing.actions import CONFLICT, DELETE, KEEP
from fastapi_scaffold.writing.preview import count, tree_lines

_FILE_STYLES = {CONFLICT: "red", DELETE: "yellow", KEEP: "dim"}


def report_lines(report: Report, console: Console, *, verbose: bool) -> Iterator[Line]:
    """Yield everything that `report` says; with `verbose` each practice and its test."""
    if report.created and not report.created.written:
        yield from _preview_lines(report.created)
    if report.updated:
        yield from _file_lines(report.updated)
    if report.proof:
        yield from practice_lines(report.proof, console, verbose=verbose)
        yield from problem_lines(report.proof, verbose=verbose)
    yield "", None
    yield summary(report)
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


def summary(report: Report) -> Line:
    """Return the line that says how it ended."""
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
        made += f": {' '.join(filter(None, [report.updated.subject, report.updated.done]))},"
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
    made += "" if report.updated else ":"
    return f"{made} {words} in {proof.seconds:.1f} s. {'; '.join(counts)}.", STYLES[proof.status]


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
        return f"{made} {updated.done}, NOT PROVEN before the next steps are done.", STYLES[NOT_PROVEN]
    return f"{made} {updated.done}, not proven, because of --no-verify.", None


def _file_lines(updated: Updated) -> Iterator[Line]:
    yield from ((line, VERBATIM) for line in updated.diff.splitlines())
    for file in updated.files:
        came = f" (was {file.source})" if file.source else ""
        reason = "" if file.says_all else f": {file.reason}"
        yield f"{file.action:<8}  {file.path}{came}{reason}", _FILE_STYLES.get(file.action)
