"""Screens to choose, tick or type on: questions of questionary, with what was answered above them and the keys below.

Each fits any width, and disappears when it is answered. What questionary cannot do is here, and in `menu`:

- It breaks a question between any two letters, so that is handed over in lines that fit, each time it is drawn.
- It shows one line of why a text is refused, and nothing above or below a question.
- It knows no way back, and no end of input in a list.
"""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi_scaffold.asking.checklist import Checklist
from fastapi_scaffold.asking.menu import Menu, Option, broken, fit, indented, pointer, width
from fastapi_scaffold.asking.steering import steered
from fastapi_scaffold.system.console import can_move, plain_if_needed, shorten

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout.containers import Container
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


def cannot_ask() -> str:
    """Return why nobody can be asked, or nothing: it takes a terminal that draws a screen again and again."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "There is no terminal to ask on."
    return "" if can_move() else f"TERM is {os.environ['TERM']}, and such a terminal cannot show questions."


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
    meanwhile: Sequence[Callable[[], object]] = ()
    """What to do once, while the user reads: one after the other, and between them what the user types."""


def choose(screen: Screen, options: Sequence[Option], current: str | None = None) -> str:
    """Let the user choose one of `options`; the pointer starts at `current` if that is possible.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    question = _list(screen, options, current)
    menu = Menu(question.application, options, screen.after)
    return _ask(question, screen, menu.bindings(_go_back(screen)), lambda: _below(menu, screen))


def tick(screen: Screen, options: Sequence[Option], ticked: Collection[str]) -> set[str]:
    """Let the user tick any of `options`, of each group at most one; those that are `ticked` are so at first.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    question = _list(screen, options, None)
    menu = Checklist(question.application, options, screen.after, ticked)
    keys = f"{_move()}, space or number tick, enter accept"
    _ask(question, screen, menu.bindings(_go_back(screen)), lambda: [menu.beyond, *_keys(screen, keys)])
    return menu.ticked


def _list(screen: Screen, options: Sequence[Option], current: str | None) -> "Question":
    from questionary import select

    enabled = [option.value for option in options if option.enabled]
    return select(
        _Question(screen.question),
        [option.row() for option in options],
        default=current if current in enabled else enabled[0],
        pointer=pointer(),
        instruction=" ",
        use_jk_keys=False,
        **looks(),
    )


def _below(menu: Menu, screen: Screen) -> list[str]:
    """Return what stands below a menu: whether there is more of it, and the keys."""
    if menu.typed is not None:
        keys = broken(f"{_move()}, enter choose, esc clear the filter, ctrl-c cancel")
        return [menu.beyond, f"/ {menu.typed}", *keys]
    return [menu.beyond, *_keys(screen, f"{_move()}, enter or number choose{', / filter' if menu.can_filter else ''}")]


def _move() -> str:
    return plain_if_needed("↑↓ move", "up/down move", sys.stdout.encoding or "ascii")


def type_text(
    screen: Screen, current: str, check: Callable[[str], str], placeholder: str = "", between: str = " "
) -> str:
    """Let the user type a text; `check` returns why one is refused, or nothing. `between` joins lines that are pasted.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    from prompt_toolkit.filters import Condition
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
        **looks(),
    )
    bindings = _writing_keys(screen, between)
    return _ask(question, screen, bindings, lambda: ["", *_keys(screen, "enter accept")], screen.after)


def _writing_keys(screen: Screen, between: str) -> "KeyBindings":
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()
    bindings.add("escape")(_go_back(screen))
    bindings.add("<bracketed-paste>")(lambda event: event.current_buffer.insert_text(one_line(event.data, between)))
    return bindings


def one_line(pasted: str, between: str) -> str:
    """Return the lines that were `pasted` as one, with `between` where no line ends with it already."""
    lines = [line.strip() for line in pasted.splitlines()] if len(pasted.splitlines()) > 1 else [pasted.rstrip("\r\n")]
    return f"{between.rstrip()} ".join(line.removesuffix(between.strip()) for line in lines if line)


class _Question(str):
    """A question, which questionary formats each time it draws."""

    def __format__(self, _: str) -> str:
        # Two spaces of questionary's own follow.
        return fit("? ", self, 2, spare=2)


def looks() -> dict[str, Any]:
    """Return how a question looks, as its arguments."""
    from prompt_toolkit.output import ColorDepth
    from questionary import Style

    plain = bool(os.environ.get("NO_COLOR"))
    return {
        "style": Style([(name, "noinherit" if plain else f"noinherit {style}") for name, style in _STYLES.items()]),
        "color_depth": ColorDepth.DEPTH_1_BIT if plain else ColorDepth.DEPTH_4_BIT,
        "include_default_pygments_style": False,
        "erase_when_done": True,
    }


def _ask(
    question: "Question",
    screen: Screen,
    bindings: "KeyBindings",
    foot: Callable[[], list[str]],
    explained: Sequence[str] = (),
) -> str:
    """Show `question` on `screen`, and below it what is `explained` as far as there is room, and the keys."""
    from prompt_toolkit.key_binding import merge_key_bindings

    application = question.application
    _surround(application, screen, foot, explained)
    application.key_bindings = merge_key_bindings([*filter(None, [application.key_bindings]), bindings])
    # Escape alone is a key; it must not wait half a second for the rest of a sequence.
    application.ttimeoutlen = application.timeoutlen = 0.05
    with steered(application, screen.meanwhile):
        return str(question.unsafe_ask())


def _surround(
    application: "Application[Any]", screen: Screen, foot: Callable[[], list[str]], explained: Sequence[str]
) -> None:
    from prompt_toolkit.filters import to_filter
    from prompt_toolkit.layout import Dimension, FormattedTextControl, HSplit, Layout, Window

    for window in application.layout.find_all_windows():
        window.dont_extend_height = to_filter(True)
        # Why a text is refused takes the lines that it needs.
        window.height = None if window.height == 1 else window.height
    asked = application.layout.container

    def room(*below: "Container") -> int:
        size = application.output.get_size()
        return size.rows - sum(one.preferred_height(size.columns, size.rows).preferred for one in (asked, *below))

    def explanation() -> list[str]:
        return _as_fits(indented(explained), room(keys) - bool(screen.eyebrow))

    def head() -> list[Line]:
        return _head(screen, room(between, keys))

    above = FormattedTextControl(lambda: [(style, f"{text}\n") for style, text in head()])
    between = Window(FormattedTextControl(lambda: "\n".join(explanation())), height=lambda: len(explanation()))
    # What can be chosen scrolls; the keys stay.
    below = FormattedTextControl(lambda: "\n".join(foot()))
    keys = Window(below, height=lambda: Dimension(min=min(4, len(foot())), max=len(foot())))
    container = HSplit([Window(above, height=lambda: len(head())), asked, between, keys])
    application.layout = Layout(container, application.layout.current_window)


def _as_fits(lines: Sequence[str], room: int) -> list[str]:
    """Return as many of `lines` as there is `room` for, and whether there are more."""
    return [*lines] if len(lines) <= room else [*lines[: max(0, room - 1)], *(["  ..."] if room > 0 else [])]


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
