"""The proof: install the project, run its own checks, and collect what the tests say about the practices."""

import shlex
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi_scaffold.proving.environment import proof_environment
from fastapi_scaffold.proving.evidence import TestResult, Verdicts, judge, read_coverage, read_junit
from fastapi_scaffold.proving.installation import install
from fastapi_scaffold.proving.obstacles import machine_settings, outside
from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED, RUNNING, SKIPPED, WAITING, Step, attempt
from fastapi_scaffold.system.errors import ExitCode
from fastapi_scaffold.system.processes import Children
from fastapi_scaffold.writing.project import LOCK_FILE, Check, read_checks, read_tasks

_OUTCOMES = {PASSED: ExitCode.DONE, FAILED: ExitCode.PROOF_FAILED, NOT_PROVEN: ExitCode.NOT_PROVEN}
# The task that generated projects have, and the checks whose complaints it mends, most of them.
_FIX = "uv run poe fix"
_FIXED = {"lint", "format"}


@dataclass(frozen=True)
class Proof:
    """The outcome of all steps together."""

    status: str
    steps: tuple[Step, ...]
    seconds: float
    tests: tuple[TestResult, ...] = ()
    coverage: float | None = None
    verdicts: Verdicts = field(default_factory=Verdicts)
    notes: tuple[str, ...] = ()
    """What the user should hear of it beside."""

    @property
    def exit_code(self) -> ExitCode:
        """How a command that ends with this proof ends."""
        return _OUTCOMES[self.status]

    def count(self, outcome: str) -> int:
        """Return how many tests ended in `outcome`."""
        return sum(test.outcome == outcome for test in self.tests)


def prove(
    directory: Path,
    capabilities: frozenset[str],
    *,
    locked: bool = True,
    installed: Callable[[Step], None] = lambda _installation: None,
    progress: Callable[[Step], None] = lambda _step: None,
) -> Proof:
    """Install the project in `directory`, where its lock file has to fit if `locked`, and run its checks.

    Calls `installed` with how the installation ended, and `progress` with each step when it is planned, starts and
    ends, not always from the same thread. Never raises for a check that fails; raises ScaffoldError if the project has
    no checks, KeyboardInterrupt if the user stops it, in which case no child is left running.
    """
    started, checks = time.perf_counter(), read_checks(directory)
    progress(Step("install", RUNNING, 0.0, "uv sync"))
    for check in checks:
        progress(_unrun(check, WAITING))
    uv, installation = install(directory, locked=locked)
    progress(installation)
    installed(installation)
    with tempfile.TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        reports = Path(scratch) if installation.status == PASSED else None
        steps = [installation, *_run_checks(uv, directory, checks, reports, progress)]
        tests = [test for path in sorted(Path(scratch).glob("*.xml")) for test in read_junit(path, directory)]
        coverage = next(filter(None, map(read_coverage, sorted(Path(scratch).glob("*.json")))), None)
    verdicts = judge(tests, applicable(load_practices(), capabilities))
    seconds = time.perf_counter() - started
    status, told = _status(steps, verdicts), machine_settings(directory)
    return Proof(status, _with_remedies(steps, directory), seconds, tuple(tests), coverage, verdicts, told)


def _unrun(check: Check, status: str) -> Step:
    return Step(check.name, status, 0.0, _spell(check))


def _with_remedies(steps: Sequence[Step], directory: Path) -> tuple[Step, ...]:
    """Return `steps` with what mends them, where the project has that."""
    fixes = "fix" in read_tasks(directory)
    return tuple(replace(step, remedy=_FIX) if fixes and step.name in _FIXED else step for step in steps)


def _status(steps: Sequence[Step], verdicts: Verdicts) -> str:
    if verdicts.failed or any(step.status == FAILED for step in steps):
        return FAILED
    if verdicts.unproven or any(step.status != PASSED for step in steps):
        return NOT_PROVEN
    return PASSED


def _run_checks(
    uv: str, directory: Path, checks: Sequence[Check], reports: Path | None, progress: Callable[[Step], None]
) -> list[Step]:
    """Run the tests on one core and everything else, one after the other, on the second; nothing without `reports`."""
    if reports is None:
        steps = [_unrun(check, SKIPPED) for check in checks]
        for step in steps:
            progress(step)
        return steps
    children = Children()

    def run_check(check: Check) -> Step:
        progress(Step(check.name, RUNNING, 0.0, _spell(check)))
        step = _run_check(children, uv, directory, check, _pytest_options(directory, reports / check.name))
        progress(step)
        return step

    with ThreadPoolExecutor(1) as tests, ThreadPoolExecutor(1) as others:
        futures: list[Future[Step]] = [
            (tests if check.command[0] == "pytest" else others).submit(run_check, check) for check in checks
        ]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            children.stop()
            raise


def _run_check(children: Children, uv: str, directory: Path, check: Check, pytest_options: str) -> Step:
    started = time.perf_counter()
    environment = proof_environment(uv) | {"PYTEST_ADDOPTS": pytest_options}
    completed = attempt(children.run, [uv, "run", "--no-sync", *check.command], directory, environment)
    seconds = time.perf_counter() - started
    status, detail = PASSED, ""
    if completed.returncode != 0:
        missing = outside(completed.output)
        status, detail = (NOT_PROVEN, missing) if missing else (FAILED, completed.output.strip())
    return Step(check.name, status, seconds, _spell(check), detail)


def _spell(check: Check) -> str:
    return shlex.join(["uv", "run", "--no-sync", *check.command])


def _pytest_options(directory: Path, report: Path) -> str:
    """Return what makes pytest, which alone reads it, write `report`.xml and `report`.json."""
    # The older family of JUnit reports says in which file and line a test is. Without a place of its own for temporary
    # files pytest would tidy up after all other projects of the user.
    options = ["-o", "junit_family=xunit1", f"--junitxml={report}.xml", f"--basetemp={report}.tmp"]
    lock = directory / LOCK_FILE
    if lock.exists() and 'name = "pytest-cov"' in lock.read_text(encoding="utf-8"):
        options.append(f"--cov-report=json:{report}.json")
    return shlex.join(options)
