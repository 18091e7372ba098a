"""Versions and paths, for a bug report."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold import __version__
from fastapi_scaffold.asking.personal import config_file, home_directory, last_answers_file
from fastapi_scaffold.commands.options import Json
from fastapi_scaffold.system.console import VERBATIM, Console
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.writing.template import own_version, template_root

_LIBRARIES = ("copier", "jinja2", "prompt_toolkit", "questionary", "rich", "typer")
_SPELLED = {name: name.replace("_", "-") for name in ("fastapi_scaffold", *_LIBRARIES)}


@dataclass(frozen=True, kw_only=True)
class Options:
    """How `info` was called."""

    as_json: Json = False


def run(options: Options) -> ExitCode:
    """Print what a bug report needs, without secrets, and every place outside of projects that is used."""
    facts = _facts()
    if options.as_json:
        sys.stdout.write(json.dumps({"command": "info", "ok": True, **facts}) + "\n")
        return ExitCode.DONE
    console = Console(sys.stdout)
    width = max(map(len, facts))
    for name, fact in facts.items():
        console.print(f"{_SPELLED.get(name, name.replace('_', ' ')):<{width}}  {fact}", VERBATIM)
    return ExitCode.DONE


def _facts() -> dict[str, str]:
    from importlib.metadata import version

    return {
        "fastapi_scaffold": __version__,
        "template": own_version(),
        "template_directory": _at_home(str(template_root())),
        "python": f"{platform.python_version()} ({_at_home(sys.executable)})",
        "system": platform.platform(),
        "uv": _uv(),
        "git": _version_of(shutil.which("git") or "git"),
        **{name: version(name.replace("_", "-")) for name in _LIBRARIES},
        "configuration": _file(config_file()),
        "last_answers": _file(last_answers_file()),
    }


def _uv() -> str:
    from fastapi_scaffold.system.uv_tool import find_uv

    try:
        uv = find_uv()
    except ScaffoldError as error:
        return error.message
    return f"{_version_of(uv)} ({_at_home(uv)})"


def _version_of(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    except OSError:
        return "not installed"
    # Such as "uv 0.13.8" and "git version 2.39.5".
    found = re.search(r"\d\S*", done.stdout)
    return found[0] if found else "of an unknown version"


def _file(path: Path) -> str:
    return f"{_at_home(str(path))}{'' if path.exists() else ' (there is none)'}"


def _at_home(path: str) -> str:
    """Leave the user's name out of what may be published."""
    home = str(home_directory())
    return f"~{path.removeprefix(home)}" if home != os.sep and path.startswith(f"{home}{os.sep}") else path
