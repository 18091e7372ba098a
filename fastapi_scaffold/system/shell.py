"""Commands as the user can type them: by name where their shell finds it, and else by the path."""

import shlex
import shutil
import sys
from pathlib import Path

from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.processes import users_path
from fastapi_scaffold.system.uv_tool import find_uv

_PROGRAM = "fastapi-scaffold"


def typed(command: str) -> str:
    """Return `command`, which begins with the name of uv or of this program, as it works in the user's shell."""
    word, _, rest = command.partition(" ")
    if word == "uv":
        word = _uv()
    elif word == _PROGRAM:
        word = _program()
    return f"{word} {rest}".rstrip()


def path_notes() -> list[str]:
    """Return what to tell a user whose shell does not find uv."""
    install = typed("uv tool install uv")
    if install.startswith("uv "):
        return []
    return [f"Your shell does not find uv, with which the project's commands begin. `{install}` installs it."]


def _uv() -> str:
    try:
        uv = find_uv()
    except ScaffoldError:
        # That is told elsewhere.
        return "uv"
    return "uv" if uv == shutil.which("uv", path=users_path()) else shlex.quote(uv)


def _program() -> str:
    called = Path(sys.argv[0])
    beside = Path(sys.executable).with_name(_PROGRAM)
    for script in (called, beside) if called.is_absolute() else (beside, called):
        if script.stem == _PROGRAM and shutil.which(script):
            found = shutil.which(_PROGRAM, path=users_path())
            # The name may be that of another installation, or of another project.
            same = found and Path(found).resolve() == script.resolve()
            return _PROGRAM if same else shlex.quote(str(script.absolute()))
    package = Path(__file__).parent.parent
    # What `python -m` found because it was where the user is, it would not find elsewhere.
    words = ["env", f"PYTHONPATH={package.parent}"] if sys.path[0] == str(package.parent) else []
    return shlex.join([*words, sys.executable, "-m", package.name])
