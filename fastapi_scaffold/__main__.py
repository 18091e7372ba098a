"""The program: `fastapi-scaffold`, or `python -m fastapi_scaffold`."""

import gc
import io
import sys

from fastapi_scaffold import interrupts


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    # A short-lived process: collecting garbage costs 5 % of a run and frees nothing that matters.
    gc.disable()
    interrupts.install()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character shows another one, and no traceback.
        sys.stdout.reconfigure(errors="replace")
    try:
        from fastapi_scaffold.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before a command has begun or after it has ended; in between, `run` answers.
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
