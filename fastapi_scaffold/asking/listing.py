"""A list to read, of which a window shows a part: what is too long for the review."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fastapi_scaffold.asking.menu import broken, more_lines, width
from fastapi_scaffold.asking.prompts import looks
from fastapi_scaffold.asking.steering import steered
from fastapi_scaffold.system.console import plain_if_needed, shorten

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


class _Listing:
    """The lines, and which of them is the first one that is seen."""

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        self._title, self._texts, self._at = title, lines, 0

    def _keys(self) -> list[str]:
        move = plain_if_needed("↑↓ move", "up/down move", sys.stdout.encoding or "ascii")
        return broken(f"{move}, space next page, enter or esc back, ctrl-c cancel")

    def _room(self) -> int:
        from prompt_toolkit.application import get_app

        return max(1, get_app().output.get_size().rows - len(self._keys()) - 2)

    def text(self) -> str:
        """Return what is seen: the title, as many lines as there is room for, and the keys."""
        lines, room = [line for text in self._texts for line in broken(text, 12)], self._room()
        self._at = max(0, min(self._at, len(lines) - room))
        beyond = more_lines(self._at, len(lines) - self._at - room)
        return "\n".join([shorten(self._title, width()), *lines[self._at :][:room], beyond, *self._keys()])

    def bindings(self) -> "KeyBindings":
        """Return what each key does."""
        from prompt_toolkit.key_binding import KeyBindings

        bindings = KeyBindings()

        def by(lines: Callable[[], int]) -> "Callable[[KeyPressEvent], None]":
            def move(_event: object) -> None:
                self._at += lines()

            return move

        page = self._room
        steps = {"down": lambda: 1, "up": lambda: -1, "home": lambda: -sys.maxsize, "end": lambda: sys.maxsize}
        steps |= {"pagedown": page, " ": page, "pageup": lambda: -page()}
        for key, lines in steps.items():
            bindings.add(key)(by(lines))
        for key in ("enter", "c-j", "escape", "q"):
            bindings.add(key)(lambda event: event.app.exit())
        for key in ("c-c", "<sigint>"):
            bindings.add(key)(lambda event: event.app.exit(exception=KeyboardInterrupt))
        bindings.add("c-d")(lambda event: event.app.exit(exception=EOFError))
        return bindings


def show(title: str, lines: Sequence[str]) -> None:
    """Show `lines` until the user has read them. Raises KeyboardInterrupt or EOFError when the user stops."""
    from prompt_toolkit.application import Application
    from prompt_toolkit.layout import FormattedTextControl, Layout, Window

    listing = _Listing(title, lines)
    application = Application[None](
        layout=Layout(Window(FormattedTextControl(listing.text, show_cursor=False), dont_extend_height=True)),
        key_bindings=listing.bindings(),
        **looks(),
    )
    application.ttimeoutlen = application.timeoutlen = 0.05
    with steered(application):
        application.run()
