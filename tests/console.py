"""Running the command line in a test, and comparing what it says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fastapi_scaffold

CHECKOUT = Path(fastapi_scaffold.__file__).parent.parent
# Where uv and the program are.
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True)
class Result:
    """How a command ended. Paths below the test's directory, times and the version are replaced by signs."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


def normalise(text: str, directory: Path) -> str:
    """Replace what differs from run to run."""
    text = text.replace(str(directory.resolve()), "<tmp>").replace(f"{SCRIPTS}/", "<bin>/")
    text = re.sub(r" +\d+\.\d+ s", " <time>", text)
    text = text.replace(fastapi_scaffold.__version__, "<version>")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def environment(**changes: str | None) -> dict[str, str]:
    """Return the environment for a child: this package importable, changes applied (None removes)."""
    merged: dict[str, str | None] = {**os.environ, "PYTHONPATH": str(CHECKOUT), **changes}
    return {name: value for name, value in merged.items() if value is not None}


def spawn(*arguments: str, directory: Path, **changes: str | None) -> Result:
    """Run the command line as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "fastapi_scaffold", *arguments],
        cwd=directory,
        env=environment(**changes),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )
    return Result(done.returncode, normalise(done.stdout, directory), normalise(done.stderr, directory))


def tree(directory: Path) -> list[str]:
    """Return every path below `directory`."""
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*"))
