"""The program: `fastapi-scaffold`, or `python -m fastapi_scaffold`."""

import gc
import io
import os
import sys
from typing import TextIO

from fastapi_scaffold.system import interrupts


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    # A short-lived process: collecting garbage costs 5 % of a run and frees nothing that matters.
    gc.disable()
    interrupts.install()
    _open_streams()
    try:
        from fastapi_scaffold.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before a command has begun or after it has ended; in between, `run` answers.
        code = 130
    _finish(sys.stdout)
    _finish(sys.stderr)
    sys.exit(code)


def _open_streams() -> None:
    """Make standard input and output usable, also where the caller has closed them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - until the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character shows another one, and no traceback.
        sys.stdout.reconfigure(errors="replace")


def _finish(stream: TextIO) -> None:
    """See to it that what could not be written is not tried again, with a traceback, at the end of the process."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
