"""CPU time of processes, in milliseconds: on a shared machine it says more than the clock."""

import os
import resource
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
DROPPED = ("PYTHON", "GIT_", "APP_", "VIRTUAL_ENV")


def environment() -> dict[str, str]:
    """Return the environment of a user: with bytecode caches, without what this run has set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}


def cpu_of(command: Sequence[str | Path], directory: Path | None = None) -> float:
    """Run a command to its end; returns its CPU time and that of its children, in ms."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=directory, env=environment(), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def cpu_of_process(pid: int) -> float:
    """Return the CPU time that a running process has used, all its threads included, in ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS * 1000


def interleaved(rounds: int, variants: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure the variants in turn, so that a busy moment hits all of them; returns the median of each."""
    for measure in variants.values():
        measure()  # warm caches
    results: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, measure in variants.items():
            results[name].append(measure())
    return {name: statistics.median(values) for name, values in results.items()}
