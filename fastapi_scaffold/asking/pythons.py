"""Which Python versions run on this machine."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

Version = tuple[int, ...]


def newest_working(choices: Sequence[str]) -> str:
    """Return the newest of `choices` ("3.13", …) for which there is an interpreter here, else the newest.

    A project that is pinned to the result installs without downloading a Python.
    """
    installed = {*_installed(choices)}
    by_age = sorted(choices, key=_parse, reverse=True)
    return next((choice for choice in by_age if _parse(choice) in installed), by_age[0])


def _installed(choices: Sequence[str]) -> Iterable[Version]:
    yield sys.version_info[:2]
    own = sys.version_info[:2]
    # What is older than one that works need not be looked for.
    others = [choice for choice in choices if _parse(choice) > own or own not in map(_parse, choices)]
    # All at once: a version manager's shim needs 100 ms to say that it has nothing behind it.
    probes = [(choice, _start(path)) for choice in others for path in _executables(choice)]
    yield from (_parse(choice) for choice, probe in probes if probe and probe.wait() == 0)
    # Such as cpython-3.14.2-linux-x86_64-gnu: no release candidates, and no builds without the global lock.
    names = [path.name for path in _uv_directory().glob("cpython-*")]
    yield from (_parse(one) for one in others if any(re.match(rf"cpython-{re.escape(one)}\.\d+-", it) for it in names))


def _parse(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))


def _executables(version: str) -> list[Path]:
    directories = os.get_exec_path()
    found = (Path(directory, f"python{version}") for directory in dict.fromkeys(directories))
    return [path for path in found if path.is_file() and os.access(path, os.X_OK)]


def _start(path: Path) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(  # noqa: S603 - an interpreter on the user's own PATH
            [path, "-I", "-S", "-c", "pass"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _uv_directory() -> Path:
    """Return where uv keeps the interpreters that it installed."""
    if directory := os.environ.get("UV_PYTHON_INSTALL_DIR"):
        return Path(directory)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111 - works without HOME
    return Path(data, "uv", "python")
