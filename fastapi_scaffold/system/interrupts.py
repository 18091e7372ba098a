"""Ctrl-C, SIGTERM and a closed terminal: all stop a command the same way."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

# Windows has no SIGHUP.
_HANGUP = getattr(signal, "SIGHUP", None)
STOPPING = tuple(filter(None, (signal.SIGINT, signal.SIGTERM, _HANGUP)))


def install() -> None:
    """Turn each of them into KeyboardInterrupt, also in a process that was started with Ctrl-C ignored.

    With SIGHUP ignored it is `nohup` that started it, and a closed terminal is to change nothing.
    """
    for number in STOPPING:
        if number != _HANGUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def shielded() -> Generator[None]:
    """Ignore these signals for a moment, in which stopping half-way would leave a mess."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = [signal.signal(number, signal.SIG_IGN) for number in STOPPING]
    try:
        yield
    finally:
        for number, handler in zip(STOPPING, previous, strict=True):
            signal.signal(number, handler)
