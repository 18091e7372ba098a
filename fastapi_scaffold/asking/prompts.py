"""Screens to choose or type on. Each is drawn again in place, fits any width, and disappears when it is answered."""

import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi_scaffold.system.console import plain_if_needed, shorten, wrap

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout import AnyContainer

Line = tuple[str, str]
"""A style and a text."""

# No colour that vanishes on a light or on a dark background; hints are plain for the same reason.
_STYLES = {"heading": "bold", "pointer": "ansicyan bold", "current": "bold", "done": "ansigreen", "error": "ansired"}


class Back(Exception):
    """The user wants the screen before this one again."""


@dataclass(frozen=True)
class Option:
    """Something to choose. One with a `reason` cannot be chosen; one without a value is a heading."""

    value: str
    label: str
    hint: str = ""
    reason: str = ""

    @property
    def enabled(self) -> bool:
        """Whether the pointer stops at it."""
        return bool(self.value) and not self.reason


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
    meanwhile: Callable[[], object] | None = None
    """What to do once, while the user reads."""


def choose(screen: Screen, options: Sequence[Option], current: str | None = None) -> str:
    """Let the user choose one of `options`; the pointer starts at `current` if that is possible.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    from prompt_toolkit.data_structures import Point
    from prompt_toolkit.layout import FormattedTextControl, HSplit, Window

    enabled = [index for index, option in enumerate(options) if option.enabled]
    at = next((index for index in enabled if options[index].value == current), enabled[0])
    control = FormattedTextControl(show_cursor=False)

    def draw() -> "StyleAndTextTuples":
        width = _width()
        lines = _head(screen, width)
        for index, option in enumerate(options):
            if index == at:
                cursor = len(lines)
            lines += _option(option, index == at, width)
        lines += [("", line) for text in screen.after for line in _wrap(text, width, "  ") or [""]]
        # What stands before the first choice and after the last one is read from there.
        if at == enabled[0]:
            cursor = 0
        elif at == enabled[-1]:
            cursor = len(lines) - 1
        # So that the window shows the pointer where the screen is higher than the terminal.
        control.get_cursor_position = lambda: Point(0, cursor)
        return _fragments(lines)

    control.text = draw
    keys = plain_if_needed("↑↓ move", "up/down move", _encoding()) + ", enter choose"

    def foot() -> list[Line]:
        return _foot(screen, _width(), keys)

    # What can be chosen scrolls; the keys stay.
    footer = Window(FormattedTextControl(lambda: _fragments(foot())), height=lambda: len(foot()))
    bindings = _bindings(screen)

    def move(step: int) -> None:
        nonlocal at
        at = enabled[(enabled.index(at) + step) % len(enabled)]

    for names, step in ((("down", "c-n", "j", "tab"), 1), (("up", "c-p", "k", "s-tab"), -1)):
        for key in names:
            bindings.add(key)(lambda _event, step=step: move(step))
    bindings.add("enter")(lambda event: event.app.exit(result=options[at].value))
    for key in ("b", "left"):
        bindings.add(key)(_go_back(screen))
    bindings.add("c-d")(_end)
    return str(
        _run(_application(HSplit([Window(control, dont_extend_height=True), footer]), bindings, screen.meanwhile))
    )


def type_text(screen: Screen, current: str, check: Callable[[str], str], placeholder: str = "") -> str:
    """Let the user type a text; `check` returns why one is refused, or nothing.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document
    from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Window
    from prompt_toolkit.layout.processors import AfterInput, BeforeInput

    buffer = Buffer(document=Document(current), multiline=False)
    tried = False

    def head() -> "StyleAndTextTuples":
        return _fragments(_head(screen, _width()))

    def foot() -> "StyleAndTextTuples":
        # Once refused, a text is judged while it is typed.
        refusal = check(buffer.text) if tried else ""
        told = [("class:error", text) for text in refusal.splitlines()] + [("", text) for text in screen.after]
        lines = [(style, line) for style, text in told for line in _wrap(text, _width(), "  ") or [""]]
        return _fragments(lines + _foot(screen, _width(), "enter accept"))

    bindings = _bindings(screen)

    def accept(event: "KeyPressEvent") -> None:
        nonlocal tried
        tried = True
        if not check(buffer.text):
            event.app.exit(result=buffer.text)

    def end(event: "KeyPressEvent") -> None:
        if buffer.text:
            buffer.delete()
        else:
            _end(event)

    bindings.add("enter")(accept)
    bindings.add("c-d")(end)
    empty = AfterInput(lambda: shorten(f"e.g. {placeholder}", _width() - 2) if placeholder and not buffer.text else "")
    pointer = BeforeInput(lambda: [("class:pointer", f"{_pointer()} ")])
    container = HSplit(
        [
            Window(FormattedTextControl(head), dont_extend_height=True),
            Window(BufferControl(buffer, input_processors=[pointer, empty]), wrap_lines=True, dont_extend_height=True),
            Window(FormattedTextControl(foot), dont_extend_height=True),
        ]
    )
    return str(_run(_application(container, bindings)))


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _bindings(screen: Screen) -> "KeyBindings":
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    @bindings.add("c-c")
    @bindings.add("<sigint>")
    def _(event: "KeyPressEvent") -> None:
        event.app.exit(exception=KeyboardInterrupt)

    bindings.add("escape")(_go_back(screen))
    return bindings


def _go_back(screen: Screen) -> "Callable[[KeyPressEvent], None]":
    def go(event: "KeyPressEvent") -> None:
        if screen.back:
            event.app.exit(exception=Back)

    return go


def _end(event: "KeyPressEvent") -> None:
    event.app.exit(exception=EOFError)


def _application(
    container: "AnyContainer", bindings: "KeyBindings", meanwhile: Callable[[], object] | None = None
) -> "Application[str]":
    from prompt_toolkit.application import Application
    from prompt_toolkit.layout import Layout
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import Style

    plain = bool(os.environ.get("NO_COLOR"))
    application: Application[str] = Application(
        Layout(container),
        key_bindings=bindings,
        style=Style.from_dict({} if plain else _STYLES),
        include_default_pygments_style=False,
        color_depth=ColorDepth.DEPTH_1_BIT if plain else ColorDepth.DEPTH_4_BIT,
        erase_when_done=True,
    )
    # Escape alone is a key; it must not wait half a second for the rest of a sequence.
    application.ttimeoutlen = 0.05
    application.timeoutlen = 0.05
    if meanwhile:

        def once(_application: object) -> None:
            application.after_render.remove_handler(once)
            meanwhile()

        application.after_render.add_handler(once)
    return application


def _run(application: "Application[str]") -> str:
    return application.run(handle_sigint=True)


# ── Lines ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _width() -> int:
    from prompt_toolkit.application import get_app

    # The last column stays empty: some terminals wrap when it is written.
    return max(20, get_app().output.get_size().columns - 1)


def _height() -> int:
    from prompt_toolkit.application import get_app

    return get_app().output.get_size().rows


def _encoding() -> str:
    return sys.stdout.encoding or "ascii"


def _pointer() -> str:
    return plain_if_needed("❯", ">", _encoding())


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _head(screen: Screen, width: int) -> list[Line]:
    # What was answered gives way where there is little room.
    trail = [(style, line) for style, text in screen.trail for line in [shorten(text, width)]]
    trail = trail[max(0, len(trail) - max(0, _height() - 16)) :]
    lines: list[Line] = [*trail, ("", "")] if trail else []
    if screen.eyebrow:
        lines.append(("", shorten(screen.eyebrow, width)))
    lines += [("class:heading", line) for line in _wrap(screen.question, width)]
    return lines


def _option(option: Option, chosen: bool, width: int) -> list[Line]:
    if not option.value:
        return [("class:heading", f"  {shorten(option.label, width - 2)}")]
    lines = [
        ("class:current" if chosen else "", f"{_pointer() if chosen else ' '} {line}" if number == 0 else f"    {line}")
        for number, line in enumerate(_wrap(option.label, width - 4) or [""])
    ]
    if option.reason:
        lines = [
            (style, f"{text} (not possible)" if number == 0 else text) for number, (style, text) in enumerate(lines)
        ]
        return lines + [("", line) for line in _wrap(option.reason, width, " " * 4)]
    if chosen and option.hint:
        lines += [("", line) for text in option.hint.splitlines() for line in wrap(f"    {text}", width)]
    return lines


def _foot(screen: Screen, width: int, keys: str) -> list[Line]:
    keys += ", esc back" if screen.back else ""
    return [("", ""), *(("", line) for line in _wrap(f"{keys}, ctrl-c cancel", width))]


def _fragments(lines: Sequence[Line]) -> "StyleAndTextTuples":
    return [(style, f"{text}\n" if number < len(lines) - 1 else text) for number, (style, text) in enumerate(lines)]
