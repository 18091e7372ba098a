"""Running git, and the repository of a new project."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from fastapi_scaffold import __version__
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.processes import clean_environment, run

# The user's hooks, key and ignore list are for the user's commits; this one must work unattended and be complete.
_UNATTENDED = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false", "-c", "core.excludesFile=/dev/null")
_NOBODY = {"name": "fastapi-scaffold", "email": "fastapi-scaffold@localhost.invalid"}


def require_git() -> None:
    """Raise ScaffoldError if git is not installed."""
    if shutil.which("git") is None:
        raise ScaffoldError("git_missing", "git is not installed.", "Install git, or use --no-git.")


def work_tree(path: Path) -> Path | None:
    """Return the top of the git work tree in which `path`, which need not exist yet, lies; nothing without git.

    Raises ScaffoldError if there is a repository at `path` that git does not accept.
    """
    directory = path
    while not directory.is_dir():
        directory = directory.parent
    if shutil.which("git") is None:
        return None
    arguments = ("rev-parse", "--show-toplevel")
    # Before git looks: another run of this program may put a repository there meanwhile.
    there = os.path.lexists(path / ".git")
    found = Git(directory).run(*arguments)
    top = Path(os.fsdecode(found.stdout).removesuffix("\n")) if found.returncode == 0 else None
    if there and top != path:
        raise GitFailed(arguments, os.fsdecode(found.stderr), f"Mend or remove {path / '.git'}.")
    return top


def has_commit(directory: Path) -> bool:
    """Tell whether anything was committed on the branch that is checked out in `directory`."""
    return Git(directory).run("rev-parse", "--verify", "--quiet", "HEAD").returncode == 0


def init(directory: Path) -> None:
    """Make `directory` a repository whose branch is called main. Raises ScaffoldError if git fails."""
    _git(directory, "init", "--quiet", "--template=")
    # `init -b main` says the same, but needs git 2.28.
    _git(directory, "symbolic-ref", "HEAD", "refs/heads/main")


def commit(directory: Path, paths: Sequence[str]) -> None:
    """Commit the files `paths` of `directory`, and nothing else. Raises ScaffoldError if git fails."""
    options = ["--literal-pathspecs", *_UNATTENDED]
    # Whatever this user or this machine ignores.
    _git(directory, *options, "add", "--force", "--", *paths)
    message = ["--message", f"Create the project with fastapi-scaffold {__version__}"]
    quietly = ["--quiet", "--no-verify", "--only"]
    _git(directory, *options, *_identity(directory), "commit", *quietly, *message, "--", *paths)


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
        raise GitFailed(arguments, completed.output, hint)


class Git:
    """git in one directory, where nothing of the caller's surroundings or the user's hooks changes what it does."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self._directory = directory
        # No lock for a mere look at the state, and messages in the language that we can read.
        self._environment = clean_environment() | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"} | environment

    def run(self, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Run git with `arguments` to its end, whatever that is."""
        return subprocess.run(  # noqa: S603 - no shell
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments],  # noqa: S607
            cwd=self._directory,
            env=self._environment,
            input=stdin,
            capture_output=True,
            check=False,
        )

    def out(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Return what git writes. Raises ScaffoldError if it fails."""
        done = self.run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise GitFailed(arguments, os.fsdecode(done.stderr))
        return done.stdout

    def line(self, *arguments: str) -> str:
        """Return the one line that git writes. Raises ScaffoldError if it fails."""
        return os.fsdecode(self.out(*arguments).removesuffix(b"\n"))


def git_version() -> tuple[int, int]:
    """Return the version of git, such as (2, 39)."""
    found = re.search(rb"(\d+)\.(\d+)", Git(Path()).out("--version"))
    return (int(found[1]), int(found[2])) if found else (0, 0)


class GitFailed(ScaffoldError):
    """A git command that failed although nothing that a user can be told of is the reason."""

    def __init__(self, arguments: Sequence[str], output: str, hint: str = "") -> None:
        words = [word for before, word in pairwise(["", *arguments]) if before != "-c" and not word.startswith("-")]
        reason = output.strip() or "it says no reason"
        super().__init__("git_failed", f"git {words[0]} failed: {reason}", hint)
