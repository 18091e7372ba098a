"""Ctrl-C and SIGTERM: both stop a command the same way."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

STOPPING = (signal.SIGINT, signal.SIGTERM)


def install() -> None:
    """Turn Ctrl-C and SIGTERM into KeyboardInterrupt, also in a process that was started with Ctrl-C ignored."""
    for number in STOPPING:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def shielded() -> Generator[None]:
    """Ignore both signals for a moment, in which stopping half-way would leave a mess."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = [signal.signal(number, signal.SIG_IGN) for number in STOPPING]
    try:
        yield
    finally:
        for number, handler in zip(STOPPING, previous, strict=True):
            signal.signal(number, handler)
