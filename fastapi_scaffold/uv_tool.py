"""Finding uv, which installs the project and runs its checks."""

import re
import shutil
import subprocess
from pathlib import Path

from fastapi_scaffold.errors import ScaffoldError

OLDEST = (0, 9)


def find_uv() -> str:
    """Return the path of a uv that is new enough: the user's own, else the one installed with this package.

    Raises ScaffoldError if there is neither.
    """
    own = shutil.which("uv")
    if own and _version(own) >= OLDEST:
        return own
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        pass
    found = f"{own} is older than {'.'.join(map(str, OLDEST))}" if own else "uv is not installed"
    raise ScaffoldError(
        "uv_missing", f"{found}.", "Install uv: https://docs.astral.sh/uv/getting-started/installation/"
    )


def path_notes() -> list[str]:
    """Return what to tell a user who has to type commands with a uv that is not on PATH."""
    if shutil.which("uv"):
        return []
    try:
        directory = Path(find_uv()).parent
    except ScaffoldError:
        # That is told elsewhere.
        return []
    return [f"uv is not on PATH: add {directory} to it, for the project's commands begin with `uv run`."]


def _version(path: str) -> tuple[int, ...]:
    try:
        output = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)", output)
    return tuple(map(int, found.groups())) if found else ()
