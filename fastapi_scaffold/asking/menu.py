"""The choices in a question of questionary: in lines that fit, with numbers, and narrowed by what is typed.

This is here because of what questionary cannot do with its list:

- Lines are cut where the window ends, so texts are handed over in lines that fit, again each time it is drawn.
- A shortcut only points, it is a letter after the tenth choice, and where there is a filter it is typed into that.
- The filter takes the headings away, lets somebody choose what is disabled, hangs at an arrow where one choice is left
  below a heading, and shows everything where nothing is found, of which Enter takes the first, be it a heading.
- It scrolls to what is pointed at, and never to what explains it below the list.
- Pasted text and the keys of an editor go to a line above the list that nobody sees until there is something on it.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi_scaffold.system.console import plain_if_needed, shorten, wrap

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout import Window
    from questionary import Choice

# How many choices are seen at a glance: more can be filtered. And how many have a number: it is a single key.
_FEW, _NUMBERS = 5, 9
# What questionary writes before the description of a choice.
_DESCRIPTION = "  Description: "
# Where the second column of a label begins, if it has one, and how narrow that may be.
_COLUMN = re.compile(r"(?<=\S) {2,}(?=\S)")
_NARROW = 24
# Keeps the parenthesis of a reason on the line of the word before it.
_OPEN = "\N{NO-BREAK SPACE}("


@dataclass(frozen=True)
class Option:
    """Something to choose. One with a `reason` cannot be chosen; one without a value is a heading."""

    value: str
    label: str
    hint: str = ""
    reason: str = ""
    group: str = ""
    """Where several are chosen: one of each group."""

    @property
    def enabled(self) -> bool:
        """Whether the pointer stops at it."""
        return bool(self.value) and not self.reason

    def row(self) -> "Choice":
        """Return it for questionary, without the texts, which depend on the width of the window."""
        from questionary import Choice, Separator

        return Choice(" ", self.value, disabled=self.reason or None) if self.value else Separator(" ")


class Menu:
    """The list in a question that was asked for with the rows of `options`."""

    def __init__(self, application: "Application[str]", options: Sequence[Option], after: Sequence[str]) -> None:
        from prompt_toolkit.filters import to_filter
        from prompt_toolkit.formatted_text import merge_formatted_text
        from questionary import Choice
        from questionary.prompts.common import InquirerControl

        windows = application.layout.find_all_windows()
        self._window, self._list = next((w, w.content) for w in windows if isinstance(w.content, InquirerControl))
        self._rows = list(zip(options, self._list.choices, strict=True))
        self._nothing = Choice("Nothing that can be chosen is called so.", "")
        self.typed: str | None = None
        self.can_filter = sum(bool(option.value) for option in options) > _FEW
        # The answer that it begins with looks like any other.
        self._list.selected_options.clear()
        # It has the keys, and not the line above it.
        self._list.focusable, self._list.show_cursor = to_filter(True), False
        application.layout.focus(self._list)
        self._list.text = merge_formatted_text([self._list.text, lambda: [("", f"\n{x}") for x in indented(after)]])
        application.before_render += lambda _application: self._fit()
        application.after_render += self._look_beyond
        self.beyond = ""
        """How much of the list is above and below what is seen."""
        self._window.get_vertical_scroll = self._scroll

    def _fit(self) -> None:
        number, beside = 0, self._hint_column()
        for option, row in self._rows:
            if not option.value:
                row.title = shorten(option.label, width() - 3)
                continue
            number += 1
            text = f"{self._mark(option)}{option.label}"
            label = f"{number}) {text}" if number <= _NUMBERS and self.typed is None else f"   {text}"
            column = _COLUMN.search(label)
            row.title = fit("   ", label, 3 + column.end() if column and width() - column.end() > _NARROW else 6)
            if option.reason:
                text = fit("   - ", f"{label}{_OPEN}{option.reason})", 8)
                row.title, row.disabled = text.removesuffix(")").split(_OPEN, 1)
            row.description = None
            if beside and option.enabled:
                row.title = f"{label:<{beside}}{option.hint}"
            elif option.hint:
                first, *others = option.hint.splitlines()
                lines = [line for text in others for line in wrap(f"    {text}", width())]
                row.description = "\n".join([fit(_DESCRIPTION, first, 4), *lines])

    def _hint_column(self) -> int:
        """Return where the hints stand beside the choices, or nothing where one does not fit there."""
        options = [option for option, _ in self._rows if option.enabled]
        column = max(len(self._mark(option) + option.label) for option in options) + len("N)   ")
        lengths = [len(option.hint) if option.hint.isprintable() else sys.maxsize for option in options]
        return column if any(lengths) and 3 + column + max(lengths) <= width() else 0

    def _mark(self, option: Option) -> str:
        """Return what stands before a label: nothing, for what is chosen is gone from the screen."""
        del option
        return ""

    def _take(self, option: Option, event: "KeyPressEvent") -> None:
        """Do with an option what its number asks for."""
        event.app.exit(result=option.value)

    def _look_beyond(self, application: "Application[str]") -> None:
        """Find out what did not fit, which only a list that was drawn knows."""
        if info := self._window.render_info:
            begin, before = info.vertical_scroll, self.beyond
            self.beyond = more_lines(begin, info.content_height - begin - info.window_height)
            if self.beyond != before:
                application.invalidate()

    def _scroll(self, window: "Window") -> int:
        """Return the line to begin with. Whatever it is, the choice pointed at is shown."""
        valid = [row for row in self._list.choices if not row.disabled]
        at = self._list.get_pointed_at()
        if at is valid[-1] or at.description:
            return sys.maxsize
        return 0 if at is valid[0] else window.vertical_scroll

    def _narrow(self, typed: str | None) -> None:
        """Show what has `typed` in its label, below its heading."""
        at, kept, heading = self._list.get_pointed_at(), list["Choice"](), list["Choice"]()
        for option, row in self._rows:
            if not option.value:
                heading = [row]
            elif (typed or "").casefold() in option.label.casefold():
                kept += [*heading, row]
                heading = []
        valid = [row for row in kept if not row.disabled]
        self.typed, self._list.pointer = typed, pointer() if valid else None
        self._list.choices = kept if valid else [*kept, self._nothing]
        self._list.pointed_at = self._list.choices.index(at if at in valid else [*valid, self._nothing][0])

    def _press(self, event: "KeyPressEvent") -> None:
        """Choose by a number, or narrow by anything else that can be read."""
        key, listed = event.data, [option for option, _ in self._rows if option.value]
        if len(key) != 1 or not key.isprintable():
            return
        if self.typed is None and key in "0123456789":
            if (number := int(key)) in range(1, len(listed) + 1) and listed[number - 1].enabled:
                self._take(listed[number - 1], event)
        elif self.can_filter:
            self._narrow("" if self.typed is None and key == "/" else (self.typed or "") + key)

    def bindings(self, go_back: Callable[["KeyPressEvent"], None]) -> "KeyBindings":
        """Return the keys that questionary does not know."""
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.key_binding.key_processor import KeyPress
        from prompt_toolkit.keys import Keys

        bindings = KeyBindings()
        bindings.add("<any>")(self._press)
        # One letter of it would be a key.
        bindings.add("<bracketed-paste>")(lambda _event: None)
        filtering = Condition(lambda: self.typed is not None)
        bindings.add("escape", filter=~filtering)(go_back)
        bindings.add("escape", filter=filtering)(lambda _event: self._narrow(None))
        bindings.add("backspace", filter=filtering)(lambda _event: self._narrow((self.typed or "")[:-1] or None))
        nothing = Condition(lambda: self._list.get_pointed_at() is self._nothing)
        bindings.add("enter", filter=nothing, eager=True)(lambda _event: None)
        # So Enter arrives that was pressed before the screen was there, and from programs that write lines.
        for key, when in (("c-j", True), (" ", ~filtering)):
            bindings.add(key, filter=when)(lambda event: event.key_processor.feed(KeyPress(Keys.ControlM), first=True))
        bindings.add("c-d")(lambda event: event.app.exit(exception=EOFError))
        bindings.add("<sigint>")(lambda event: event.app.exit(exception=KeyboardInterrupt))
        return bindings


# ── Lines ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def width() -> int:
    """Return how long a line may be."""
    from prompt_toolkit.application import get_app

    # The last column stays empty: some terminals wrap when it is written.
    return max(20, get_app().output.get_size().columns - 1)


def broken(text: str, indent: int = 0, spare: int = 0) -> list[str]:
    """Return `text` in lines that fit and leave room for `spare` more, all but the first indented."""
    return textwrap.wrap(text, width() - spare, subsequent_indent=" " * indent, break_on_hyphens=False) or [""]


def fit(lead: str, text: str, indent: int, spare: int = 0) -> str:
    """Return `text` in lines that fit, of which the first is to stand after `lead`."""
    return "\n".join(broken(lead + text, indent, spare)).removeprefix(lead)


def indented(texts: Sequence[str]) -> list[str]:
    """Return `texts` in lines that fit, below what is typed or chosen."""
    return [line for text in texts for line in broken(f"  {text}", 2)]


def more_lines(above: int, below: int) -> str:
    """Return what to say of lines that are not seen, or nothing where all are."""
    parts = [f"{lines} {where}" for lines, where in ((above, "above"), (below, "below")) if lines > 0]
    return f"  (more lines: {', '.join(parts)})" if parts else ""


def pointer() -> str:
    """Return the sign before what is chosen or typed."""
    return plain_if_needed("❯", ">", sys.stdout.encoding or "ascii")
