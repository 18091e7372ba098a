"""`info`: what a bug report needs, without secrets, and every place outside of projects that is used."""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from fastapi_scaffold import __version__
from fastapi_scaffold.console import Console
from fastapi_scaffold.errors import ExitCode, ScaffoldError
from fastapi_scaffold.personal import config_file, last_answers_file
from fastapi_scaffold.template import own_version, template_root

_LIBRARIES = ("copier", "jinja2", "prompt_toolkit", "rich", "typer")


def info(*, as_json: bool) -> ExitCode:
    """Print versions and paths."""
    facts = _facts()
    if as_json:
        sys.stdout.write(json.dumps({"command": "info", "ok": True, **facts}) + "\n")
        return ExitCode.DONE
    console = Console(sys.stdout)
    width = max(map(len, facts))
    for name, fact in facts.items():
        console.print(f"{name.replace('_', ' '):<{width}}  {fact}", "verbatim")
    return ExitCode.DONE


def _facts() -> dict[str, str]:
    from importlib.metadata import version

    return {
        "fastapi_scaffold": __version__,
        "template": own_version(),
        "template_directory": str(template_root()),
        "python": f"{platform.python_version()} ({_at_home(sys.executable)})",
        "system": platform.platform(),
        "uv": _uv(),
        "git": _first_line([shutil.which("git") or "git", "--version"]),
        **{name: version(name.replace("_", "-")) for name in _LIBRARIES},
        "configuration": _file(config_file()),
        "last_answers": _file(last_answers_file()),
    }


def _uv() -> str:
    from fastapi_scaffold.uv_tool import find_uv

    try:
        uv = find_uv()
    except ScaffoldError as error:
        return error.message
    return f"{_first_line([uv, '--version'])} ({_at_home(uv)})"


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
    except OSError:
        return "not installed"
    return done.stdout.partition("\n")[0]


def _file(path: Path) -> str:
    return f"{_at_home(str(path))}{'' if path.exists() else ' (there is none)'}"


def _at_home(path: str) -> str:
    """Leave the user's name out of what may be published."""
    home = str(Path("~").expanduser())
    return f"~{path.removeprefix(home)}" if home != "/" and path.startswith(f"{home}/") else path
