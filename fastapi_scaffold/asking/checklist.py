"""A menu of which several are chosen: what was ticked counts when Enter is pressed.

It stands on the same list of questionary as the menu. Of its list with checkboxes, two keys tick what excludes each
other, and not every console can show the marks.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from fastapi_scaffold.asking.menu import Menu, Option

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


class Checklist(Menu):
    """The list in a question; of `options` with the same group one can be ticked."""

    def __init__(
        self,
        application: "Application[str]",
        options: Sequence[Option],
        after: Sequence[str],
        ticked: Collection[str],
    ) -> None:
        super().__init__(application, options, after)
        # A space and letters would be typed into the filter.
        self.can_filter = False
        self.ticked = {option.value for option in options if option.enabled and option.value in ticked}

    def _mark(self, option: Option) -> str:
        if not option.enabled:
            return ""
        alone = sum(other.group == option.group for other, _ in self._rows) == 1
        sign = "x" if option.value in self.ticked else " "
        return f"[{sign}] " if alone else f"({sign}) "

    def _take(self, option: Option, event: "KeyPressEvent") -> None:
        del event
        others = {other.value for other, _ in self._rows if other.group == option.group}
        before, self.ticked = self.ticked, self.ticked - others
        if option.value not in before:
            self.ticked.add(option.value)

    def _take_this(self, event: "KeyPressEvent") -> None:
        at = self._list.get_pointed_at()
        self._take(next(option for option, row in self._rows if row is at), event)

    def bindings(self, go_back: Callable[["KeyPressEvent"], None]) -> "KeyBindings":
        """Return the keys of a menu, but for the space, which chooses there."""
        bindings = super().bindings(go_back)
        bindings.add(" ")(self._take_this)
        return bindings
