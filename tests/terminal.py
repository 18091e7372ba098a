"""A terminal in which a command runs, believing that it talks to a person."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pyte

from tests.console import environment

DOWN, UP, ENTER, ESCAPE = "\x1b[B", "\x1b[A", "\r", "\x1b"
PAGE_UP, LAST = "\x1b[5~", "\x1b[F"
CTRL_C, CTRL_D, CTRL_U, CTRL_Z, BACKSPACE = "\x03", "\x04", "\x15", "\x1a", "\x7f"
# A shell that runs a command, and continues it when something is typed after it was paused.
SHELL = ("sh", "-c", 'set -m; "$@"; echo paused; read -r word; $word', "sh")
# The tests of the wizard run again with other versions of its libraries, in an environment that has this interpreter.
PYTHON = os.environ.get("FASTAPI_SCAFFOLD_PYTHON", sys.executable)
PATIENCE = 30


class Terminal:
    """A screen of `columns` and `rows` with a command on it."""

    def __init__(
        self,
        directory: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 30,
        before: Sequence[str] = (),
        **changes: str,
    ) -> None:
        self.raw = ""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._own, self._theirs = pty.openpty()
        self._order = termios.tcgetattr(self._own)
        self._set_size(columns, rows)
        self._child = subprocess.Popen(
            [*before, PYTHON, "-m", "fastapi_scaffold", *arguments],
            cwd=directory,
            env=environment(**{"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "LANG": "C.UTF-8", **changes}),
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            # Ctrl-C is for the programs of which this is the terminal.
            preexec_fn=lambda: fcntl.ioctl(self._theirs, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - there are no threads
        )
        os.close(self._theirs)

    @property
    def screen(self) -> str:
        """What a person sees."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip() + "\n"

    @property
    def styled(self) -> pyte.Screen:
        """What a person sees, with its colours."""
        return self._screen

    @property
    def words(self) -> str:
        """What a person reads, wherever the lines are broken."""
        return " ".join(self.screen.split())

    def expect(self, *texts: str) -> None:
        """Wait until all `texts` are on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.words for text in texts):
            if time.monotonic() > deadline or not self._read(deadline - time.monotonic()):
                missing = [text for text in texts if text not in self.words]
                raise AssertionError(f"{missing} is not on the screen:\n{self.screen}")

    def type(self, *keys: str) -> None:
        """Press `keys`, one after the other."""
        for key in keys:
            os.write(self._own, key.encode())
            # Escape is the beginning of other keys too; what follows must come later.
            time.sleep(0.15 if key == ESCAPE else 0.02)

    def resize(self, columns: int, rows: int) -> None:
        """Let the user change the size of the window."""
        if columns:
            self._screen.resize(rows, columns)
        self._set_size(columns, rows)
        os.kill(self._child.pid, signal.SIGWINCH)

    def signal(self, number: int) -> None:
        """Let another program send a signal."""
        self._child.send_signal(number)

    def pause(self) -> None:
        """Let a shell stop the command, put the terminal in its own order, and write on it."""
        self._child.send_signal(signal.SIGSTOP)
        termios.tcsetattr(self._own, termios.TCSANOW, self._order)
        self._screen.reset()

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._own)

    def wait(self) -> int:
        """Return the exit code."""
        return self._child.wait(PATIENCE)

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._read(PATIENCE):
            pass
        code = self.wait()
        os.close(self._own)
        return code

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, seconds: float) -> bool:
        if not select.select([self._own], [], [], max(0, seconds))[0]:
            return False
        try:
            data = os.read(self._own, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += data.decode(errors="replace")
        self._stream.feed(data)
        return bool(data)
