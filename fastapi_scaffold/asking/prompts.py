"""Screens to choose or type on: questions of questionary, with what was answered above them and the keys below.

Each fits any width, and disappears when it is answered. What questionary cannot do is here, and in `menu`:

- It breaks a question between any two letters, so that is handed over in lines that fit, each time it is drawn.
- It shows one line of why a text is refused, and nothing above or below a question.
- It knows no way back, and no end of input in a list.
"""

import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi_scaffold.asking.menu import Menu, Option, broken, fit, indented, pointer, width
from fastapi_scaffold.system.console import plain_if_needed, shorten

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from questionary import Question

Line = tuple[str, str]
"""A style and a text."""

# No colour that vanishes on a light or on a dark background; hints are plain for the same reason.
_STYLES = {
    "qmark": "ansicyan bold",
    "question": "bold",
    "answer": "",
    "instruction": "ansicyan bold",
    "pointer": "ansicyan bold",
    "highlighted": "bold",
    "separator": "bold",
    "done": "ansigreen",
    "validation-toolbar": "ansired",
}


class Back(Exception):
    """The user wants the screen before this one again."""


@dataclass(frozen=True)
class Screen:
    """What stands around a question."""

    question: str
    eyebrow: str = ""
    """Where in the course of things this is."""
    trail: Sequence[Line] = field(default_factory=list)
    """What was answered before."""
    after: Sequence[str] = ()
    """What to read below the choices or the text."""
    back: bool = True
    meanwhile: Callable[[], None] = lambda: None
    """What to do once, while the user reads."""


def choose(screen: Screen, options: Sequence[Option], current: str | None = None) -> str:
    """Let the user choose one of `options`; the pointer starts at `current` if that is possible.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    from questionary import select

    enabled = [option.value for option in options if option.enabled]
    question = select(
        _Question(screen.question),
        [option.row() for option in options],
        default=current if current in enabled else enabled[0],
        pointer=pointer(),
        instruction=" ",
        use_jk_keys=False,
        **_looks(),
    )
    menu = Menu(question.application, options, screen.after)

    def foot() -> list[str]:
        move = plain_if_needed("↑↓ move", "up/down move", sys.stdout.encoding or "ascii")
        if menu.typed is not None:
            return ["", f"/ {menu.typed}", *broken(f"{move}, enter choose, esc clear the filter, ctrl-c cancel")]
        return ["", *_keys(screen, f"{move}, enter or number choose{', / filter' if menu.can_filter else ''}")]

    return _ask(question, screen, menu.bindings(_go_back(screen)), foot)


def type_text(screen: Screen, current: str, check: Callable[[str], str], placeholder: str = "") -> str:
    """Let the user type a text; `check` returns why one is refused, or nothing.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import text

    tried = False

    def judge(typed: str) -> str | bool:
        nonlocal tried
        refusal = "\n".join(indented(check(typed).splitlines()))
        tried = tried or bool(refusal)
        return refusal or True

    question = text(
        _Question(screen.question),
        current,
        judge,
        instruction=f"\n{pointer()}",
        # Once refused, a text is judged while it is typed.
        validate_while_typing=Condition(lambda: tried),
        placeholder=lambda: shorten(f"e.g. {placeholder}", width() - 4) if placeholder else "",
        **_looks(),
    )
    bindings = KeyBindings()
    bindings.add("escape")(_go_back(screen))
    return _ask(question, screen, bindings, lambda: [*indented(screen.after), "", *_keys(screen, "enter accept")])


class _Question(str):
    """A question, which questionary formats each time it draws."""

    def __format__(self, _: str) -> str:
        # Two spaces of questionary's own follow.
        return fit("? ", self, 2, spare=2)


def _looks() -> dict[str, Any]:
    from prompt_toolkit.output import ColorDepth
    from questionary import Style

    plain = bool(os.environ.get("NO_COLOR"))
    return {
        "style": Style([(name, "noinherit" if plain else f"noinherit {style}") for name, style in _STYLES.items()]),
        "color_depth": ColorDepth.DEPTH_1_BIT if plain else ColorDepth.DEPTH_4_BIT,
        "include_default_pygments_style": False,
        "erase_when_done": True,
    }


def _ask(question: "Question", screen: Screen, bindings: "KeyBindings", foot: Callable[[], list[str]]) -> str:
    from prompt_toolkit.filters import to_filter
    from prompt_toolkit.key_binding import merge_key_bindings
    from prompt_toolkit.layout import Dimension, FormattedTextControl, HSplit, Layout, Window

    application = question.application
    for window in application.layout.find_all_windows():
        window.dont_extend_height = to_filter(True)
        # Why a text is refused takes the lines that it needs.
        window.height = None if window.height == 1 else window.height

    def head() -> list[Line]:
        size = application.output.get_size()
        return _head(screen, size.rows - rest.preferred_height(size.columns, size.rows).preferred)

    above = FormattedTextControl(lambda: [(style, f"{text}\n") for style, text in head()])
    below = FormattedTextControl(lambda: "\n".join(foot()))
    # What can be chosen scrolls; the keys stay.
    keys = Window(below, height=lambda: Dimension(min=min(4, len(foot())), max=len(foot())))
    rest = HSplit([application.layout.container, keys])
    container = HSplit([Window(above, height=lambda: len(head())), rest])
    application.layout = Layout(container, application.layout.current_window)
    application.key_bindings = merge_key_bindings([*filter(None, [application.key_bindings]), bindings])
    # Escape alone is a key; it must not wait half a second for the rest of a sequence.
    application.ttimeoutlen = application.timeoutlen = 0.05
    # Once, however often it is drawn.
    meanwhile = cache(screen.meanwhile)
    application.after_render.add_handler(lambda _application: meanwhile())
    with _stopped_in_order(application):
        return str(question.unsafe_ask())


@contextmanager
def _stopped_in_order(application: "Application[Any]") -> Generator[None]:
    """Let SIGTERM end the screen between two drawings: an exception within one would leave pieces of it behind."""
    import asyncio

    before = signal.getsignal(signal.SIGTERM)

    def stop() -> None:
        if application.future and not application.future.done():
            application.exit(exception=KeyboardInterrupt)

    def listen() -> None:
        # Windows has neither such handlers nor this signal from others.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)

    application.pre_run_callables.append(listen)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _go_back(screen: Screen) -> "Callable[[KeyPressEvent], None]":
    return lambda event: event.app.exit(exception=Back) if screen.back else None


def _head(screen: Screen, room: int) -> list[Line]:
    """Return what was answered, which gives way where there is little room, and where this is."""
    eyebrow = [("", shorten(screen.eyebrow, width()))] if screen.eyebrow else []
    trail = [(style, shorten(text, width())) for style, text in screen.trail]
    trail = trail[max(0, len(trail) - max(0, room - len(eyebrow) - 1)) :]
    return [*trail, *([("", "")] if trail else []), *eyebrow]


def _keys(screen: Screen, keys: str) -> list[str]:
    return broken(f"{keys}{', esc back' if screen.back else ''}, ctrl-c cancel")
