"""Finding uv, which installs the project and runs its checks."""

import re
import shutil
import subprocess

from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.processes import users_path

OLDEST = (0, 9)


def find_uv() -> str:
    """Return the path of a uv that is new enough: the user's own, else the one installed with this package.

    Raises ScaffoldError if there is neither.
    """
    own = shutil.which("uv", path=users_path())
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


def _version(path: str) -> tuple[int, ...]:
    try:
        output = subprocess.run([path, "--version"], capture_output=True, encoding="utf-8", check=False).stdout  # noqa: S603
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)", output)
    return tuple(map(int, found.groups())) if found else ()
