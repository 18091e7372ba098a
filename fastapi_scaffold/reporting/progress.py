"""Talk while a command works: on stderr, never with --json or --quiet."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from fastapi_scaffold.proving.steps import RUNNING, WAITING, Step
from fastapi_scaffold.reporting.signs import step_line
from fastapi_scaffold.system.console import VERBATIM, Console


class Progress:
    """Says what goes on; a silent one says nothing.

    On a terminal the steps of a proof are a list that changes in place; anywhere else each is a line when it has ended.
    """

    def __init__(self, *, silent: bool) -> None:
        self._console = None if silent else Console(sys.stderr)
        self._steps: dict[str, Step] = {}
        self._started: dict[str, float] = {}
        self._printed = 0
        # The checks run in threads.
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print one line."""
        if self._console:
            self._console.print(text)

    def step(self, step: Step) -> None:
        """Take note of a step of the proof: that it is planned, runs or has ended."""
        if not self._console:
            return
        with self._lock:
            if step.status == RUNNING:
                self._started[step.name] = time.perf_counter()
            self._steps[step.name] = step
            if not self._console.is_live:
                self._print_ended(self._console)

    def _print_ended(self, console: Console) -> None:
        """Print the steps that have ended, in their order."""
        for step in list(self._steps.values())[self._printed :]:
            if step.status in {WAITING, RUNNING}:
                return
            console.print(step_line(step, console), VERBATIM)
            self._printed += 1

    @contextmanager
    def busy(self, text: str) -> Generator[None]:
        """Show that `text` is going on, with the steps of the proof if there are any."""
        if not self._console:
            yield
        else:
            with self._console.live(lambda: self._lines(text)):
                yield

    def _lines(self, text: str) -> list[tuple[str, str | None]]:
        """Return what a terminal shows at this moment."""
        if self._console is None or not self._steps:
            return [(text, None)]
        with self._lock:
            steps = [self._timed(step) for step in self._steps.values()]
        return [(step_line(step, self._console), None) for step in steps]

    def _timed(self, step: Step) -> Step:
        if step.status != RUNNING:
            return step
        return Step(step.name, step.status, time.perf_counter() - self._started[step.name], step.command)
