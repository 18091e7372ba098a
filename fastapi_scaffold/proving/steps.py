"""One command of a proof, and how it ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.system.processes import Completed

PASSED, FAILED, NOT_PROVEN, SKIPPED = "passed", "failed", "not_proven", "skipped"
# Of a step that has not ended: only those who watch see it.
WAITING, RUNNING = "waiting", "running"


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


def attempt(
    runner: Callable[[Sequence[str], Path, Mapping[str, str]], Completed],
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
) -> Completed:
    """Run `command` by `runner`; one that cannot be started, or does not end, has failed, with the reason as output."""
    try:
        return runner(command, directory, environment)
    except TimeoutError as error:
        return Completed(124, f"not proven: {error}")
    except OSError as error:
        return Completed(127, f"{command[0]} cannot be started: {error}")
