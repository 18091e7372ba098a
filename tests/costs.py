"""What a run costs: a table of the seconds of CPU of each part, with those of the processes that its tests start."""

import os
from collections import Counter, defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
OVERHEAD = "start and collection"
# What a file costs is told if it is more than this.
NOTEWORTHY = 10.0
TICKS = os.sysconf("SC_CLK_TCK")


class Costs:
    """What the tests of one process cost, or of all; `report` tells."""

    def __init__(self) -> None:
        self.tests: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.workers = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measure a test, with what is set up for it."""
        before = spent()
        result = yield
        part = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else item.path.name
        self.tests[part] += 1
        self.seconds[part] += spent() - before
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what this process has measured, if another one reports."""
        if not self.workers:
            self.seconds[OVERHEAD] = spent() - sum(self.seconds.values())
        if output := getattr(session.config, "workeroutput", None):
            output["costs"] = [dict(self.tests), dict(self.seconds)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Add what a worker has measured, unless it crashed."""
        del error
        tests, seconds = getattr(node, "workeroutput", {}).get("costs", [{}, {}])
        self.tests.update(tests)
        for part, more in seconds.items():
            self.seconds[part] += more
        self.workers += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self.tests:
            terminalreporter.section("what it cost")
            terminalreporter.write_line(self.report())

    def report(self) -> str:
        """Return the table: each room of tests, below it the files that cost the most, and the sum."""
        rooms = sorted({part.partition("/")[0] for part in self.tests})
        rows = [("part", "tests", "seconds of CPU")]
        for room in rooms:
            parts = [part for part in self.tests if part.partition("/")[0] == room]
            rows.append(self.row(room, parts))
            dear = [part for part in parts if part != room and self.seconds[part] >= NOTEWORTHY]
            rows += [self.row(f"  {part.partition('/')[2]}", [part]) for part in sorted(dear)]
        rows += [self.row(OVERHEAD, [OVERHEAD]), self.row("all", [*self.seconds])]
        return "\n".join(f"{name:36}{tests:>8}{seconds:>18}" for name, tests, seconds in rows)

    def row(self, name: str, parts: list[str]) -> tuple[str, str, str]:
        """Return what these parts cost together."""
        tests, seconds = sum(self.tests[part] for part in parts), sum(self.seconds[part] for part in parts)
        return name, str(tests or ""), f"{seconds:.1f}"


def pytest_configure(config: pytest.Config) -> None:
    """Measure this process."""
    config.pluginmanager.register(Costs(), "costs")


def spent() -> float:
    """Return the seconds of CPU of this process and of its children; without /proc, of those that have ended."""
    used = os.times()
    total = used.user + used.system + used.children_user + used.children_system
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return total  # it has none
    return total + sum(map(running, Path("/proc").glob("[0-9]*/stat")))


def running(stat: Path) -> float:
    """Return what a process has used, if it is a child of this one."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has just ended
    return sum(map(int, fields[11:15])) / TICKS if int(fields[1]) == os.getpid() else 0.0
