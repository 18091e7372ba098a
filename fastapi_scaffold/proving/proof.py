"""The proof: install the project, run its own checks, and collect what the tests say about the practices."""

import os
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi_scaffold.proving.evidence import TestResult, Verdicts, judge, read_coverage, read_junit
from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.processes import Children, Completed, clean_environment, run
from fastapi_scaffold.system.uv_tool import find_uv
from fastapi_scaffold.writing.project import LOCK_FILE, Check, read_checks, read_tasks

PASSED, FAILED, NOT_PROVEN, SKIPPED = "passed", "failed", "not_proven", "skipped"
# Of a step that has not ended: only those who watch see it.
WAITING, RUNNING = "waiting", "running"
_OUTCOMES = {PASSED: ExitCode.DONE, FAILED: ExitCode.PROOF_FAILED, NOT_PROVEN: ExitCode.NOT_PROVEN}

# What uv says when the network is the reason.
_NETWORK = re.compile(r"Failed to fetch|dns error|Request failed|Could not connect|\(Connect\)|error sending request")
# What uv says when its cache has to do and does not.
_UNAVAILABLE = re.compile(r"network was disabled|wasn't found in the cache")
_NO_PYTHON = re.compile(r"No interpreter found for (.+?)(?: in |$)", re.MULTILINE)
_PACKAGE = re.compile(r"Failed to \w+ `([\w.-]+)|Because ([\w.-]+) was not found|/simple/([\w.-]+)/")
# How a project's test run says that something outside it is missing, such as a database server.
_MISSING = re.compile(r"^(?:ERROR: |Exit: |!+ _pytest\.outcomes\.Exit: )?not proven: (.+?)(?: !+)?$", re.MULTILINE)

# The task that generated projects have, and the checks whose complaints it mends, most of them.
_FIX = "uv run poe fix"
_FIXED = {"lint", "format"}

# The project's checks must see the project's own configuration, and bytecode must be kept for the next run.
_DROPPED = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "FASTAPI_ENV",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "FORCE_COLOR",
    "PY_COLORS",
    "CLICOLOR_FORCE",
)


@dataclass(frozen=True)
class Step:
    """One command of the proof and how it ended. `detail` says why it did not pass."""

    name: str
    status: str
    seconds: float
    command: str
    detail: str = ""
    remedy: str = ""
    """The command that may put it right."""


@dataclass(frozen=True)
class Proof:
    """The outcome of all steps together."""

    status: str
    steps: tuple[Step, ...]
    seconds: float
    tests: tuple[TestResult, ...] = ()
    coverage: float | None = None
    verdicts: Verdicts = field(default_factory=Verdicts)

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
    installed: Callable[[], None] = lambda: None,
    progress: Callable[[Step], None] = lambda _step: None,
) -> Proof:
    """Install the project in `directory`, where its lock file has to fit if `locked`, and run its checks.

    Calls `installed` after the installation was tried, and `progress` with each step when it is planned, when it starts
    and when it ends, not always from the same thread. Never raises for a check that fails; raises ScaffoldError if the
    project has no checks, KeyboardInterrupt if the user stops it, in which case no child is left running.
    """
    started = time.perf_counter()
    checks = read_checks(directory)
    progress(Step("install", RUNNING, 0.0, "uv sync"))
    for check in checks:
        progress(_unrun(check, WAITING))
    uv, install = _install(directory, locked=locked)
    installed()
    progress(install)
    with tempfile.TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        reports = Path(scratch) if install.status == PASSED else None
        steps = [install, *_run_checks(uv, directory, checks, reports, progress)]
        tests = [test for path in sorted(Path(scratch).glob("*.xml")) for test in read_junit(path, directory)]
        coverage = next(filter(None, map(read_coverage, sorted(Path(scratch).glob("*.json")))), None)
    verdicts = judge(tests, applicable(load_practices(), capabilities))
    seconds = time.perf_counter() - started
    return Proof(_status(steps, verdicts), _with_remedies(steps, directory), seconds, tuple(tests), coverage, verdicts)


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


def _install(directory: Path, *, locked: bool) -> tuple[str, Step]:
    """Install the project; returns the uv that did, and how that ended."""
    try:
        uv = find_uv()
    except ScaffoldError as error:
        return "uv", Step("install", NOT_PROVEN, 0.0, "uv sync", f"{error.message}\n{error.hint}")
    return uv, _sync(uv, directory, locked=locked)


def _sync(uv: str, directory: Path, *, locked: bool) -> Step:
    command = [uv, "sync", *(["--locked"] if locked and (directory / LOCK_FILE).exists() else [])]
    started = time.perf_counter()
    # One retry: without a network the default of three takes 6 s to say so.
    completed = _try(run, command, directory, _environment(uv) | {"UV_HTTP_RETRIES": "1"})
    online = completed
    if completed.returncode != 0 and _NETWORK.search(completed.output):
        command = [*command, "--offline"]
        completed = _try(run, command, directory, _environment(uv))
    status, detail = PASSED, ""
    if completed.returncode != 0:
        missing = _missing(online.output, completed.output)
        status, detail = (NOT_PROVEN, missing) if missing else (FAILED, completed.output.strip())
    found = _NO_PYTHON.search(completed.output)
    remedy = f"uv python install {found[1].split()[-1].lstrip('>=')}" if found else ""
    return Step("install", status, time.perf_counter() - started, shlex.join(["uv", *command[1:]]), detail, remedy)


def _missing(*outputs: str) -> str:
    """Return what this machine lacks to install the project, or nothing if that is not the problem."""
    text = "\n".join(outputs)
    if found := _NO_PYTHON.search(text):
        return f"There is no {found[1]} on this machine."
    if not (_NETWORK.search(outputs[0]) or _UNAVAILABLE.search(text)):
        return ""
    found = next(filter(None, map(_PACKAGE.search, reversed(outputs))), None)
    what = next(filter(None, found.groups())) if found else "what the project needs"
    return f"There is no network, and uv's cache lacks {what}."


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
    environment = _environment(uv) | {"PYTEST_ADDOPTS": pytest_options}
    completed = _try(children.run, [uv, "run", "--no-sync", *check.command], directory, environment)
    seconds = time.perf_counter() - started
    status, detail = PASSED, ""
    if completed.returncode != 0:
        missing = _MISSING.search(completed.output)
        status, detail = (NOT_PROVEN, missing[1]) if missing else (FAILED, completed.output.strip())
    return Step(check.name, status, seconds, _spell(check), detail)


def _spell(check: Check) -> str:
    return shlex.join(["uv", "run", "--no-sync", *check.command])


def _try(
    runner: Callable[[Sequence[str], Path, Mapping[str, str]], Completed],
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
) -> Completed:
    try:
        return runner(command, directory, environment)
    except OSError as error:
        return Completed(127, f"{command[0]} cannot be started: {error}")


def _environment(uv: str) -> dict[str, str]:
    environment = {
        name: value
        for name, value in clean_environment().items()
        if name not in _DROPPED and not name.startswith(("APP_", "PYTEST_"))
    }
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
    # uv looks for interpreters on PATH; the one that runs this program works, but need not be there.
    own = os.path.dirname(getattr(sys, "_base_executable", sys.executable))  # noqa: PTH120 - a string is needed
    # The project's checks call uv by its name.
    directories = [environment.get("PATH", ""), own, os.path.dirname(uv)]  # noqa: PTH120
    environment["PATH"] = os.pathsep.join(filter(None, directories))
    return environment


def _pytest_options(directory: Path, report: Path) -> str:
    """Return what makes pytest, which alone reads it, write `report`.xml and `report`.json."""
    # The older family of JUnit reports says in which file and line a test is. Without a place of its own for temporary
    # files pytest would tidy up after all other projects of the user.
    options = ["-o", "junit_family=xunit1", f"--junitxml={report}.xml", f"--basetemp={report}.tmp"]
    lock = directory / LOCK_FILE
    if lock.exists() and 'name = "pytest-cov"' in lock.read_text(encoding="utf-8"):
        options.append(f"--cov-report=json:{report}.json")
    return shlex.join(options)
