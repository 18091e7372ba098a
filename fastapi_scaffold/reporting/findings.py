"""What the proof found: which practices are proven, what failed, and what to try."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from fastapi_scaffold.proving.evidence import TestResult
from fastapi_scaffold.proving.practices import Practice, load_practices
from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED, Step
from fastapi_scaffold.reporting.causes import Cause, find_causes
from fastapi_scaffold.reporting.signs import STYLES, mark, plural
from fastapi_scaffold.system.console import VERBATIM, Console, Line, shorten
from fastapi_scaffold.system.shell import typed

_DETAIL_LINES = 40
_MESSAGE_LENGTH = 200


def practice_lines(proof: Proof, console: Console, *, verbose: bool) -> Iterator[Line]:
    """Yield a line for each group, and below it what is not proven; with `verbose` everything."""
    if not proof.tests:
        return
    yield "", None
    outcomes = _outcomes(proof)
    untested = sum(not tests for tests in proof.verdicts.unproven.values())
    if untested > len(outcomes) / 2 and not verbose:
        # One cause, which is told further down, and not a hundred findings.
        text = f"{mark(NOT_PROVEN, console)} Of {len(outcomes)} practices {untested} have no test that ran."
        yield text, STYLES[NOT_PROVEN]
    else:
        counted = {name for cause in find_causes(proof) if cause.many for name in cause.practices}
        shown = outcomes.keys() if verbose else {name for name in outcomes.keys() - counted if outcomes[name] != PASSED}
        for group, rows in _groups(outcomes).items():
            yield _group_line(group, [outcomes[practice.id] for practice in rows], console, bold=verbose)
            yield from _member_lines(rows, proof, outcomes, console, shown, verbose=verbose)
    if not verbose:
        explain = typed("fastapi-scaffold practices ID")
        yield f"  --verbose names each practice and its test; `{explain}` explains one.", "dim"


def _outcomes(proof: Proof) -> dict[str, str]:
    """Return what became of each practice."""
    verdicts = proof.verdicts
    found = {PASSED: verdicts.proven, FAILED: verdicts.failed, NOT_PROVEN: verdicts.unproven}
    return {name: outcome for outcome, tests in found.items() for name in tests}


def _groups(names: Collection[str]) -> dict[str, list[Practice]]:
    known = [practice for practice in load_practices() if practice.id in names]
    groups = {group: list(rows) for group, rows in groupby(known, lambda practice: practice.group)}
    if own := sorted({*names} - {practice.id for practice in known}):
        groups["This project's own"] = [_own(name) for name in own]
    return groups


def _group_line(group: str, outcomes: Sequence[str], console: Console, *, bold: bool) -> Line:
    status = max(outcomes, key=[PASSED, NOT_PROVEN, FAILED].index)
    text = f"{mark(status, console)} {outcomes.count(PASSED):>3}/{len(outcomes):<3} {group}"
    return text, "bold" if bold else STYLES[status]


def _member_lines(
    rows: Sequence[Practice],
    proof: Proof,
    outcomes: Mapping[str, str],
    console: Console,
    shown: Collection[str],
    *,
    verbose: bool,
) -> Iterator[Line]:
    verdicts = proof.verdicts
    evidence = {**verdicts.proven, **verdicts.failed, **verdicts.unproven}
    for practice in rows:
        outcome = outcomes[practice.id]
        if practice.id in shown:
            yield f"  {mark(outcome, console)} {practice.id}: {practice.title}", STYLES[outcome]
        # What failed is told with its tests further down.
        if verbose or outcome == NOT_PROVEN:
            yield f"      {_evidence(evidence[practice.id])}", VERBATIM


def _own(name: str) -> Practice:
    """Return a practice that the project has and the catalogue has not."""
    return Practice(name, name, "", "", "", "", (), frozenset(), "test")


def _evidence(tests: Sequence[TestResult]) -> str:
    if not tests:
        return "no test ran"
    more = f" (+{len(tests) - 1})" if len(tests) > 1 else ""
    return f"{tests[0].name}{more}"


def problem_lines(proof: Proof, *, verbose: bool) -> Iterator[Line]:
    """Yield what failed and why: what several tests failed of, practices, other tests, steps."""
    causes = [] if verbose else find_causes(proof)
    told = {id(test) for cause in causes for test in cause.tests}
    for cause in causes:
        yield from _cause_lines(cause)
    for practice_id, failed in proof.verdicts.failed.items():
        if tests := [test for test in failed if id(test) not in told]:
            yield from _failed_lines(practice_id, tests, verbose=verbose)
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


def _failed_lines(practice_id: str, tests: Sequence[TestResult], *, verbose: bool) -> Iterator[Line]:
    practice = next((practice for practice in load_practices() if practice.id == practice_id), None)
    yield "", None
    yield f"Failed: {practice.title if practice else practice_id} ({practice_id})", "bold red"
    yield from ((line, None) for line in _test_lines(tests, verbose=verbose))
    if practice:
        yield f"  Why:  {practice.why}", None
        yield f"  Fix:  {practice.form}", None
        yield from ((f"  See:  {source}", VERBATIM) for source in practice.sources[:1])
    yield f"  Try:  {typed('uv run pytest')} '{tests[0].name}'", VERBATIM


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
    yield f"{'Not proven' if step.status == NOT_PROVEN else 'Failed'}: {step.name}", f"bold {STYLES[step.status]}"
    lines = step.detail.splitlines()
    if len(lines) > _DETAIL_LINES:
        yield f"  ... {len(lines) - _DETAIL_LINES} lines above", "dim"
    yield from ((f"  {line}", VERBATIM) for line in lines[-_DETAIL_LINES:])
    if step.remedy or step.status == FAILED:
        yield f"  Try:  {typed(step.remedy or step.command)}", VERBATIM
