"""Where text goes: to a terminal through Rich, anywhere else as plain lines."""

import os
import textwrap
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO


def plain_if_needed(sign: str, plain: str, encoding: str) -> str:
    """Return `sign`, or `plain` where `encoding` cannot show it."""
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return plain
    return sign


def wrap(text: str, width: int) -> list[str]:
    """Break `text` between words, each line as far indented as the first."""
    indent = " " * (len(text) - len(text.lstrip()))
    lines = textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return lines or [""]


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
        """Print one line; `style` names colour and weight as Rich does.

        On a terminal it is broken between words, unless it is "verbatim", for copying.
        """
        if not self.is_terminal:
            self._stream.write(f"{text}\n")
            self._stream.flush()
            return
        for line in [text] if style == "verbatim" else wrap(text, self.width):
            self._rich.print(line, style=None if style == "verbatim" else style)

    @contextmanager
    def live(self, lines: Callable[[], list[tuple[str, str | None]]]) -> Generator[None]:
        """Show on a terminal what `lines` returns, again and again; at the end it stays if it is more than one line."""
        if not self.is_terminal:
            yield
            return
        from rich.live import Live
        from rich.text import Text

        def draw() -> Text:
            # Longer lines would be wrapped, which makes the list jump.
            shown = [Text(f"{text[: self.width - 1]}\n", style=style or "") for text, style in lines()]
            return Text.assemble(*shown)

        with Live(get_renderable=draw, console=self._rich, refresh_per_second=8, transient=True):
            yield
        if len(lines()) > 1:
            for text, style in lines():
                self.print(text[: self.width], style or "verbatim")
