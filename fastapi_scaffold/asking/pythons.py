"""Which Python versions run on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

Version = tuple[int, ...]


def newest_working(choices: Sequence[str]) -> str:
    """Return the newest of `choices` ("3.13", …) that an interpreter found here satisfies, else the oldest.

    A project that requires the result installs without downloading a Python.
    """
    newest = max(_installed(choices), default=sys.version_info[:2])
    by_age = sorted(choices, key=_parse)
    return next((choice for choice in reversed(by_age) if _parse(choice) <= newest), by_age[0])


def _installed(choices: Sequence[str]) -> Iterable[Version]:
    yield sys.version_info[:2]
    newer = [choice for choice in choices if _parse(choice) > sys.version_info[:2]]
    # All at once: a version manager's shim needs 100 ms to say that it has nothing behind it.
    probes = [(choice, _start(path)) for choice in newer for path in _executables(choice)]
    yield from (_parse(choice) for choice, probe in probes if probe and probe.wait() == 0)
    managed = _uv_directory()
    yield from (_parse(choice) for choice in newer if next(managed.glob(f"cpython-{choice}.*"), None))


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
