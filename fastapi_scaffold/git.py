"""The git repository of a new project."""

import shutil
from pathlib import Path

from fastapi_scaffold import __version__
from fastapi_scaffold.errors import ScaffoldError
from fastapi_scaffold.processes import clean_environment, run

# The user's hooks, key and ignore list are for the user's commits; this one must work unattended and be complete.
_UNATTENDED = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false", "-c", "core.excludesFile=/dev/null")
_NOBODY = {"name": "fastapi-scaffold", "email": "fastapi-scaffold@localhost.invalid"}


def require_git() -> None:
    """Raise ScaffoldError if git is not installed."""
    if shutil.which("git") is None:
        raise ScaffoldError("git_missing", "git is not installed.", "Install git, or use --no-git.")


def inside_work_tree(path: Path) -> bool:
    """Tell whether `path`, which need not exist yet, lies in somebody's git work tree."""
    directory = path
    while not directory.is_dir():
        directory = directory.parent
    found = run(["git", "rev-parse", "--is-inside-work-tree"], directory, clean_environment())
    return found.returncode == 0 and found.output.strip() == "true"


def init(directory: Path) -> None:
    """Make `directory` a repository whose branch is called main. Raises ScaffoldError if git fails."""
    _git(directory, "init", "--quiet", "--template=")
    # `init -b main` says the same, but needs git 2.28.
    _git(directory, "symbolic-ref", "HEAD", "refs/heads/main")


def commit_all(directory: Path) -> None:
    """Commit everything except `.env`. Raises ScaffoldError if git fails."""
    _git(directory, *_UNATTENDED, "add", "--all")
    # The project ignores it anyhow; a secret must not depend on that.
    _git(directory, "rm", "--quiet", "--cached", "--ignore-unmatch", ".env")
    message = f"Create the project with fastapi-scaffold {__version__}"
    _git(directory, *_UNATTENDED, *_identity(directory), "commit", "--quiet", "--no-verify", "--message", message)


def _identity(directory: Path) -> list[str]:
    """Name somebody where the user has not told git who they are, as in a fresh container."""
    environment = clean_environment()
    options = []
    for key, fallback in _NOBODY.items():
        in_environment = f"GIT_AUTHOR_{key.upper()}" in environment and f"GIT_COMMITTER_{key.upper()}" in environment
        if not in_environment and run(["git", "config", f"user.{key}"], directory, environment).returncode != 0:
            options += ["-c", f"user.{key}={fallback}"]
    return options


def _git(directory: Path, *arguments: str) -> None:
    completed = run(["git", *arguments], directory, clean_environment())
    if completed.returncode != 0:
        hint = "Use --no-git to create the project without a repository."
        raise ScaffoldError("git_failed", f"git {' '.join(arguments)} failed: {completed.output.strip()}", hint)
