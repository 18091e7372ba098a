"""Directories as users name them, also where the one that they are in is gone."""

from pathlib import Path

from fastapi_scaffold.system.errors import ScaffoldError


def absolute(directory: Path | str) -> Path:
    """Return the absolute path of `directory`. Raises ScaffoldError if it cannot be found out."""
    try:
        return Path(directory).resolve()
    except OSError as error:
        raise ScaffoldError(
            "not_found",
            f"The directory {directory} cannot be found: {error.strerror}.",
            "Change to a directory that exists.",
        ) from error


def is_here(directory: Path) -> bool:
    """Tell whether commands that are typed now run in `directory`."""
    try:
        return directory == Path.cwd()
    except FileNotFoundError:
        return False
