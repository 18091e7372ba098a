"""Talk while a command works: on stderr, never with --json or --quiet."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from fastapi_scaffold.console import Console
from fastapi_scaffold.proof import Step
from fastapi_scaffold.report import step_line


class Progress:
    """Says what goes on; a silent one says nothing."""

    def __init__(self, *, silent: bool) -> None:
        self._console = None if silent else Console(sys.stderr)

    def say(self, text: str) -> None:
        """Print one line."""
        if self._console:
            self._console.print(text)

    def step(self, step: Step) -> None:
        """Print how a step of the proof ended."""
        if self._console:
            self._console.print(step_line(step, self._console))

    @contextmanager
    def busy(self, text: str) -> Generator[None]:
        """Show that `text` is going on."""
        if self._console:
            with self._console.busy(text):
                yield
        else:
            yield
