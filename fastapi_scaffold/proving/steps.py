"""One command of a proof, and how it ends."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.system.processes import Completed

PASSED, FAILED, NOT_PROVEN, SKIPPED = "passed", "failed", "not_proven", "skipped"
# Of a step that has not ended: only those who watch see it.
WAITING, RUNNING = "waiting", "running"
# It may wait for a network that swallows what is sent. Whoever has a longer test run can say so.
_VARIABLE, _SECONDS = "FASTAPI_SCAFFOLD_STEP_SECONDS", 1800.0


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
    runner: Callable[[Sequence[str], Path, Mapping[str, str], float], Completed],
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
) -> Completed:
    """Run `command` by `runner`; one that cannot be started, or does not end, has failed, with the reason as output."""
    try:
        return runner(command, directory, environment, _limit())
    except TimeoutError as error:
        return Completed(124, f"not proven: {error}")
    except OSError as error:
        return Completed(127, f"{command[0]} cannot be started: {error}")


def _limit() -> float:
    named = os.environ.get(_VARIABLE, "")
    return float(named) if named.isdecimal() and int(named) else _SECONDS
