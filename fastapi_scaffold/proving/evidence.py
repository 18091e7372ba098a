"""What the tests of a project say about its practices: the JUnit and coverage reports of one pytest run."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi_scaffold.proving.practices import Practice

_LOCATION = re.compile(r"^([^\s:]+\.py):(\d+):", re.MULTILINE)
# What Python says of a file that it cannot read, and pytest prints.
_SYNTAX = re.compile(r'^E +File "(.+)", line (\d+)$', re.MULTILINE)
_EXCEPTION = re.compile(r"(?:^E\b.*\n?)+", re.MULTILINE)
_SAYS = re.compile(r"^E   (\S.*)", re.MULTILINE)


@dataclass(frozen=True)
class TestResult:
    """One test: `outcome` is passed, failed or skipped; `location` is where a failure happened."""

    __test__ = False

    name: str
    outcome: str
    practices: tuple[str, ...]
    location: str = ""
    message: str = ""


@dataclass(frozen=True)
class Verdicts:
    """Practice id → the tests that decided it."""

    proven: dict[str, list[TestResult]] = field(default_factory=dict)
    failed: dict[str, list[TestResult]] = field(default_factory=dict)
    unproven: dict[str, list[TestResult]] = field(default_factory=dict)


def read_junit(path: Path, directory: Path) -> list[TestResult]:
    """Return the tests in a JUnit report of the project in `directory`; none if there is no readable report."""
    try:
        # The project's own pytest wrote it; there is nobody to defend against.
        root = ET.parse(path).getroot()  # noqa: S314
    except (OSError, ET.ParseError):
        return []
    return [_test(case, directory) for case in root.iter("testcase")]


def read_coverage(path: Path) -> float | None:
    """Return the percentage in a coverage report, or None if there is no readable report."""
    try:
        return round(float(json.loads(path.read_text(encoding="utf-8"))["totals"]["percent_covered"]), 1)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def judge(tests: Iterable[TestResult], expected: Sequence[Practice]) -> Verdicts:
    """Decide each practice: one failure fails it, else one pass proves it, else it is unproven.

    Practices beyond `expected` are judged too if a test carries them, so that a project can add its own.
    """
    carried: dict[str, list[TestResult]] = {practice.id: [] for practice in expected}
    for test in tests:
        for practice in test.practices:
            carried.setdefault(practice, []).append(test)
    verdicts = Verdicts()
    for practice, results in carried.items():
        failures = [test for test in results if test.outcome == "failed"]
        passes = [test for test in results if test.outcome == "passed"]
        if failures:
            verdicts.failed[practice] = failures
        elif passes:
            verdicts.proven[practice] = passes
        else:
            verdicts.unproven[practice] = results
    return verdicts


def _test(case: ET.Element, directory: Path) -> TestResult:
    problem = next((child for child in case if child.tag in {"failure", "error"}), None)
    skipped = case.find("skipped")
    outcome = "failed" if problem is not None else "skipped" if skipped is not None else "passed"
    detail = problem if problem is not None else skipped
    file = case.get("file") or case.get("classname", "").replace(".", "/") + ".py"
    # A file with tests that could not be imported is a case too, of no class.
    whole = case.get("classname") == ""
    message = (detail.get("message") or "").strip() if detail is not None else ""
    return TestResult(
        name=file if whole else f"{file}::{_inner_class(case, file)}{case.get('name', '')}",
        outcome=outcome,
        practices=tuple(
            item.get("value", "") for item in case.iterfind("properties/property") if item.get("name") == "practice"
        ),
        location=_location(problem, case, file, directory) if problem is not None else "",
        message=_exception(problem) if whole and problem is not None else message.partition("\n")[0],
    )


def _inner_class(case: ET.Element, file: str) -> str:
    module = file.removesuffix(".py").replace("/", ".")
    inner = case.get("classname", "").removeprefix(module).strip(".")
    return f"{inner.replace('.', '::')}::" if inner else ""


def _exception(problem: ET.Element) -> str:
    """Return the first line of the last exception that pytest printed, else of what it printed."""
    text = (problem.text or "").strip()
    blocks = _EXCEPTION.findall(text)
    found = _SAYS.search(blocks[-1]) if blocks else None
    return found[1] if found else text.partition("\n")[0]


def _location(problem: ET.Element, case: ET.Element, file: str, directory: Path) -> str:
    """Return the innermost line of the project that the traceback names, else where the test is."""
    if unread := _SYNTAX.search(problem.text or ""):
        return f"{unread[1].removeprefix(f'{directory}/')}:{unread[2]}"
    found = [match for match in _LOCATION.finditer(problem.text or "") if not match[1].startswith((".venv", "/"))]
    if found:
        return f"{found[-1][1]}:{found[-1][2]}"
    line = case.get("line")
    return f"{file}:{int(line) + 1}" if line else file
