"""The signs and colours that say how something ended."""

from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED, RUNNING, SKIPPED, WAITING, Step
from fastapi_scaffold.system.console import Console, plain_if_needed

STYLES = {PASSED: "green", FAILED: "red", NOT_PROVEN: "yellow", SKIPPED: "dim"}
_MARKS = {
    PASSED: ("✓", "+"),
    FAILED: ("✗", "x"),
    NOT_PROVEN: ("?", "?"),
    SKIPPED: ("-", "-"),
    WAITING: (" ", " "),
    RUNNING: ("▸", ">"),
}


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
