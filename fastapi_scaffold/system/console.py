"""Where text goes: to a terminal through Rich, anywhere else as plain lines."""

import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from fastapi_scaffold.system.errors import Cancelled, ScaffoldError

if TYPE_CHECKING:
    import rich.console

Line = tuple[str, str | None]
"""A text and its style."""
VERBATIM = "verbatim"
"""The style of a line that is never broken into lines of ours, so that it can be copied."""


def plain_if_needed(sign: str, plain: str, encoding: str) -> str:
    """Return `sign`, or `plain` where `encoding` cannot show it."""
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return plain
    return sign


def shorten(text: str, length: int) -> str:
    """Return `text`, or its beginning if it is longer than `length`."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


def can_move() -> bool:
    """Tell whether the terminal, if there is one, can write where it has written before."""
    return os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


# The last place in a line where a column begins: columns stand two spaces apart.
_COLUMN = re.compile(r".*\S {2,}(?=\S)")
_NARROW = 24


def wrap(text: str, width: int) -> list[str]:
    """Break `text` between words. It goes on below its last column, or where it began if there is no room for that."""
    begin = len(text) - len(text.lstrip())
    column = len(found[0]) if (found := _COLUMN.match(text)) else begin
    if column > begin and width - column < _NARROW:
        column = begin + 4
    lines = textwrap.wrap(text, width, subsequent_indent=" " * column, break_long_words=False, break_on_hyphens=False)
    return lines or [""]


class Marked:
    """A stream whose own errors can be told from those of files."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """Be like the stream in everything else."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write `text`. Raises ScaffoldError if the stream takes nothing."""
        with _marked():
            return self._stream.write(text)

    def flush(self) -> None:
        """Hand on what was written. Raises ScaffoldError if nobody takes it."""
        with _marked():
            self._stream.flush()


@contextmanager
def _marked() -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        # A reader that has left has seen enough.
        raise
    except OSError as error:
        raise ScaffoldError(
            "cannot_print",
            f"The output cannot be written: {os.strerror(error.errno) if error.errno else error}.",
            "Look at where standard output goes.",
        ) from error


@contextmanager
def marked_streams() -> Generator[None]:
    """Let what is printed meanwhile raise ScaffoldError where it cannot be."""
    streams: Any = sys
    before = sys.stdout, sys.stderr
    streams.stdout, streams.stderr = map(Marked, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class Console:
    """A stream to print lines on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding or "ascii"
        self.is_terminal = stream.isatty()

    @cached_property
    def _rich(self) -> "rich.console.Console | None":
        """What writes colours, where they are wanted."""
        if not (self.is_terminal or os.environ.get("FORCE_COLOR")):
            return None
        # Takes 50 ms to import, for which neither a pipe nor the first question need wait.
        from rich.console import Console as RichConsole

        return RichConsole(
            file=self._stream,
            # With NO_COLOR alone Rich would still write bold and dim.
            color_system=None if os.environ.get("NO_COLOR") else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    @property
    def is_live(self) -> bool:
        """Whether lines that were printed can be changed."""
        return self.is_terminal and can_move()

    @property
    def width(self) -> int:
        """How many characters fit on a line."""
        # A terminal that says that it has no columns knows no better.
        return (self._rich.width if self._rich and self.is_terminal else 0) or 80

    def print(self, text: str, style: str | None = None, *, first: str | None = None) -> None:
        """Print one line; `style` names colour and weight as Rich does, `first` those of its first word.

        On a terminal it is broken between words, unless it is "verbatim", for copying.
        """
        lines = wrap(text, self.width) if self.is_terminal and style != VERBATIM else [text]
        if self._rich is None:
            self._stream.write("".join(f"{line}\n" for line in lines))
            self._stream.flush()
            return
        from rich.text import Text

        for number, line in enumerate(lines):
            shown = Text(line, style=style if style and style != VERBATIM else "")
            if first and number == 0:
                shown.stylize(first, 0, len(line.partition(" ")[0]))
            self._rich.print(shown)

    @contextmanager
    def live(self, lines: Callable[[], list[tuple[str, str | None]]]) -> Generator[None]:
        """Show on a terminal what `lines` returns, again and again; at the end it stays if it is more than one line."""
        if self._rich is None or not self.is_live:
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
                self.print(text[: self.width], style or VERBATIM)


def print_error(error: ScaffoldError, *, as_json: bool) -> None:
    """Print `error` on stderr, or as the one JSON object on stdout."""
    if as_json:
        body = {"code": error.code, "message": error.message, "hint": error.hint}
        sys.stdout.write(json.dumps({"ok": False, "error": body}) + "\n")
        sys.stdout.flush()
        return
    console = Console(sys.stderr)
    label, style = ("", None) if isinstance(error, Cancelled) else ("error: ", "bold red")
    for number, line in enumerate(f"{label}{error.message}".splitlines()):
        console.print(line, first=style if number == 0 else None)
    if error.hint:
        console.print("")
        console.print(f"hint: {error.hint}", first="bold cyan")
