"""Files on the disk as git keeps them: path → mode and content."""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LINK, EXECUTABLE, PLAIN = "120000", "100755", "100644"

# What editors and systems leave everywhere, and nobody means to keep.
LITTER = {".idea", ".vscode", ".DS_Store", "Thumbs.db", "desktop.ini"}

Files = Mapping[str, tuple[str, bytes]]


def read_files(directory: Path) -> dict[str, tuple[str, bytes]]:
    """Return every file below `directory`."""
    return {
        path.relative_to(directory).as_posix(): read_file(path)
        for path in directory.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def read_file(path: Path) -> tuple[str, bytes]:
    """Return the mode and content of one file, of a link where it leads."""
    if path.is_symlink():
        return LINK, os.fsencode(path.readlink())
    return EXECUTABLE if path.stat().st_mode & stat.S_IXUSR else PLAIN, path.read_bytes()


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says; nothing of one that is missing or damaged, which others tell."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
