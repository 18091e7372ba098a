"""Where text goes: to a terminal through Rich, anywhere else as plain lines."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO


class Console:
    """A stream to print lines on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding or "ascii"
        self.is_terminal = stream.isatty()
        if self.is_terminal:
            # Takes 50 ms to import, which a pipe need not pay.
            from rich.console import Console as RichConsole

            self._rich = RichConsole(
                file=stream,
                # With NO_COLOR alone Rich would still write bold and dim.
                color_system=None if os.environ.get("NO_COLOR") else "auto",
                highlight=False,
                markup=False,
                emoji=False,
                soft_wrap=True,
            )

    @property
    def width(self) -> int:
        """How many characters fit on a line."""
        return self._rich.width if self.is_terminal else 80

    def print(self, text: str, style: str | None = None) -> None:
        """Print one line; `style` names colour and weight as Rich does."""
        if self.is_terminal:
            self._rich.print(text, style=style)
        else:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    @contextmanager
    def busy(self, text: str) -> Generator[None]:
        """Show on a terminal that `text` is going on."""
        if self.is_terminal:
            with self._rich.status(text):
                yield
        else:
            yield
