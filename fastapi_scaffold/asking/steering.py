"""What happens to a screen beside keys: signals, a pause in the background, work while the user reads."""

import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyPressEvent


@contextmanager
def steered(application: "Application[Any]", meanwhile: Sequence[Callable[[], object]] = ()) -> Generator[None]:
    """Let signals reach the screen `application` between two drawings, and do what is to be done `meanwhile`.

    An exception within a drawing would leave pieces of it behind.
    """
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings

    before = signal.getsignal(signal.SIGTERM)
    application.pre_run_callables.append(lambda: _listen(application))
    _work_once_shown(application, meanwhile)
    own = KeyBindings()
    own.add("c-z")(_pause)
    application.key_bindings = merge_key_bindings([*filter(None, [application.key_bindings]), own])
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _listen(application: "Application[Any]") -> None:
    import asyncio

    def stop() -> None:
        if application.future and not application.future.done():
            application.exit(exception=KeyboardInterrupt)

    def go_on() -> None:
        # The shell has put the terminal in its own order meanwhile, and written on it.
        application.input.raw_mode().__enter__()
        application.renderer.reset()
        application.invalidate()

    for name, react in (("SIGTERM", stop), ("SIGCONT", go_on)):
        # Windows has neither such handlers nor these signals from others.
        with suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), react)


def _pause(event: "KeyPressEvent") -> None:
    """Stop in the background, as every program does, until the shell's `fg`."""
    if hasattr(signal, "SIGTSTP"):
        event.app.suspend_to_background()


def _work_once_shown(application: "Application[Any]", meanwhile: Sequence[Callable[[], object]]) -> None:
    """Do what is to be done `meanwhile` once the screen is there; what is typed comes first."""
    import asyncio

    async def work() -> None:
        for task in meanwhile:
            # As long as it takes to look whether a key was pressed.
            await asyncio.sleep(0.001)
            task()

    def begin(_application: object) -> None:
        application.after_render -= begin
        application.create_background_task(work())

    if meanwhile:
        application.after_render += begin
