"""The git repository around an existing project: where it is, and whether it is in a state to be changed."""

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.files import LITTER
from fastapi_scaffold.system.git import Git
from fastapi_scaffold.writing.preview import SECRETS
from fastapi_scaffold.writing.project import ANSWERS_FILE, LOCK_FILE, elsewhere

# How a conflict ends that an update wrote: the name of the template's side.
THEIRS = "fastapi-scaffold"
_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}
_UNMERGED = {"DD", "AU", "UD", "UA", "DU", "AA", "UU"}
_SHOWN = 10


@dataclass(frozen=True)
class Repository:
    """The repository of a project, which may be a directory somewhere inside it."""

    project: Path
    root: Path
    """The top of the work tree."""
    prefix: str
    """The project's path below it, with a slash at its end; empty when the project is the whole."""
    git_directory: Path
    objects: Path
    index: Path
    object_format: str

    @cached_property
    def git(self) -> Git:
        """Git at the top of the work tree."""
        return Git(self.root)

    @cached_property
    def tree(self) -> str:
        """The id of the project's tree in the last commit."""
        return self.git.line("rev-parse", "--verify", f"HEAD:{self.prefix.rstrip('/')}" if self.prefix else "HEAD:")

    def inside(self, path: str) -> str:
        """Return a path of the repository as the project writes it."""
        return path.removeprefix(self.prefix)


def open_repository(project: Path) -> Repository:
    """Return the repository of `project`. Raises ScaffoldError if there is none, or it has no commit yet."""
    git = Git(project)
    questions = ["--show-toplevel", "--show-prefix", "--absolute-git-dir", "--show-object-format"]
    paths = ["--git-path", "objects", "--git-path", "index"]
    try:
        done = git.run("rev-parse", *questions, *paths)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not project.is_dir():
            raise ScaffoldError(
                "not_a_project", f"There is no directory {project}.", "Name the directory of a project.", ExitCode.USAGE
            ) from error
        raise ScaffoldError("git_missing", "git is not installed.", "Install git: updates are merged by it.") from error
    if done.returncode != 0:
        raise _no_repository(project, os.fsdecode(done.stderr))
    root, prefix, git_directory, object_format, objects, index = os.fsdecode(done.stdout).split("\n")[:6]
    if git.run("rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        raise ScaffoldError(
            "no_commit",
            f"{project} has no commit yet, so there would be no way back from an update. Nothing was changed.",
            f"Commit first: {_committing(project)}",
        )
    return Repository(
        project, Path(root), prefix, Path(git_directory), project / objects, project / index, object_format
    )


def check_settled(repository: Repository) -> None:
    """Raise ScaffoldError if a merge or an earlier update is unfinished."""
    for name, operation in _OPERATIONS.items():
        if (repository.git_directory / name).exists():
            raise ScaffoldError(
                "operation_in_progress",
                f"A {operation} is in progress. Nothing was changed.",
                f"Finish it, or give it up with: {_git(repository.project, operation, '--abort')}",
            )
    unmerged = [path for code, path in _status(repository) if code in _UNMERGED]
    if unmerged:
        raise ScaffoldError(
            "unresolved_conflicts",
            f"There are conflicts to resolve first:\n{_listed(unmerged)}",
            f"Edit these files, `git add` them, and commit. Or undo the update: {undo_command(repository)}",
            ExitCode.CONFLICTS,
        )
    done = repository.git.run(
        "grep", "--cached", "-I", "-l", "-z", "-E", "-e", rf"^>>>>>>> {THEIRS}-[0-9]", "--", _scope(repository)
    )
    if marked := [repository.inside(path) for path in os.fsdecode(done.stdout).split("\0") if path]:
        raise ScaffoldError(
            "conflict_markers",
            f"Conflict markers of an earlier update are left in:\n{_listed(marked)}",
            "Edit these files and commit them.",
            ExitCode.CONFLICTS,
        )


def check_committed(repository: Repository) -> None:
    """Raise ScaffoldError if the project is not in the last commit as it is; the rest of the repository need not be."""
    _check_clean(repository)
    _check_recorded(repository, ANSWERS_FILE)


def _check_clean(repository: Repository) -> None:
    changed = [path for _, path in _status(repository)]
    if changed:
        raise ScaffoldError(
            "uncommitted_changes",
            f"The project has changes that are not committed. Nothing was changed.\n{_listed(changed)}",
            _way_out(repository.project, changed),
        )


def _way_out(project: Path, changed: Sequence[str]) -> str:
    if SECRETS in changed:
        return f"Name {SECRETS} in .gitignore first: it holds secrets, which are not to be committed."
    if changed == [LOCK_FILE]:
        return f"Commit it: {lock_command(project)}"
    return "Commit them, or put them aside with `git stash --include-untracked`."


def lock_command(project: Path) -> str:
    """Return the command that commits the lock file of `project`, and nothing else."""
    commit = _git(project, "commit", "--message", "Lock the dependencies", "--", LOCK_FILE)
    return f"{_git(project, 'add', LOCK_FILE)} && {commit}"


def lacks_lock(project: Path) -> bool:
    """Tell whether `project` is committed, but for a lock file that it has."""
    if not (project / LOCK_FILE).is_file() or shutil.which("git") is None:
        return False
    git = Git(project)
    committed = git.run("rev-parse", "--verify", "--quiet", f"HEAD:./{ANSWERS_FILE}").returncode == 0
    return committed and git.run("status", "--porcelain=v1", "--", LOCK_FILE).stdout.startswith(b"??")


def _check_recorded(repository: Repository, name: str) -> None:
    """Raise ScaffoldError if the project, or the file `name` in it, is not in the last commit."""

    def is_committed(path: str) -> bool:
        return repository.git.run("rev-parse", "--verify", "--quiet", f"HEAD:{path}").returncode == 0

    if is_committed(repository.prefix + name):
        return
    if repository.prefix and not is_committed(repository.prefix.rstrip("/")):
        raise ScaffoldError(
            "not_committed",
            f"{repository.project} is not committed in the repository around it, so there would be no way back from an"
            " update. Nothing was changed.",
            f"Commit it, or make it a repository of its own: {_git(repository.project, 'init')} && "
            f"{_committing(repository.project)}",
        )
    raise ScaffoldError(
        "not_committed",
        f"{name} is not committed, so the update could not record what it did. Nothing was changed.",
        f"Commit it: {_git(repository.project, 'add', '--force', name)}",
    )


def tracked_paths(repository: Repository) -> dict[str, str]:
    """Return each path that git knows; for one whose changes git was told to ignore, with the option that ends that."""
    paths = {}
    for line in os.fsdecode(repository.git.out("ls-files", "-v", "-z", "--", _scope(repository))).split("\0"):
        hidden = "--no-skip-worktree" if line[:1] == "S" else "--no-assume-unchanged" if line[:1].islower() else ""
        paths[line[2:]] = hidden
    return paths


def check_contents(repository: Repository, expected: Mapping[str, str]) -> None:
    """Raise ScaffoldError if a file is not the blob that git takes it for.

    Git looks at times and sizes first, and by some settings at little else; before a file is replaced, it is read.
    """
    if not expected:
        return
    found = repository.git.out("-c", "core.safecrlf=false", "hash-object", "--", *expected).decode().split()
    for path, oid in zip(expected, found, strict=True):
        if expected[path] != oid:
            raise ScaffoldError(
                "hidden_changes",
                f"{path} has changes that git does not see, and the update changes it. Nothing was changed.",
                f"Make git look again: touch {shlex.quote(str(repository.root / path))}. Commit, and update again.",
            )


def untracked(repository: Repository) -> list[str]:
    """Return the files that git neither has nor ignores."""
    return [path for code, path in _status(repository) if code == "??"]


def undo_command(repository: Repository) -> str:
    """Return the one command that brings the project back to the last commit, and nothing around it."""
    git = shlex.join(["git", "-C", str(repository.project)])
    if not repository.prefix:
        return f"{git} reset --hard"
    # What git restores must not have conflicts where the last commit has no file.
    return f"{git} add --update -- . && {git} restore --source=HEAD --staged --worktree -- ."


def _git(project: Path, *arguments: str) -> str:
    """Return the command as the user has to write it here."""
    return shlex.join(["git", *elsewhere(project, "-C"), *arguments])


def _committing(project: Path) -> str:
    return f"{_git(project, 'add', '--all')} && {_git(project, 'commit', '--message', 'Before the update')}"


def _scope(repository: Repository) -> str:
    # Without magic a name such as `:(x)` would be read as a pattern.
    return f":(literal){repository.prefix or '.'}"


def _status(repository: Repository) -> list[tuple[str, str]]:
    """Return the state and the path, as the project writes it, of everything that is not as committed, but for litter.

    That is untracked, so that no update touches it.
    """
    out = repository.git.out(
        "-c", "status.relativePaths=false", "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all",
        "--ignore-submodules=dirty", "--", _scope(repository),
    )  # fmt: skip
    found = [(line[:2], repository.inside(line[3:])) for line in os.fsdecode(out).split("\0") if line]
    return [(code, path) for code, path in found if code != "??" or not LITTER & {*path.split("/")}]


def _listed(paths: Sequence[str]) -> str:
    lines = [f"  {path}" for path in paths[:_SHOWN]]
    more = len(paths) - _SHOWN
    return "\n".join([*lines, *([f"  ... and {more} more"] if more > 0 else [])])


def _no_repository(project: Path, reason: str) -> ScaffoldError:
    if "dubious ownership" in reason:
        command = next((line.strip() for line in reason.splitlines() if "safe.directory" in line), "")
        return ScaffoldError(
            "dubious_ownership",
            f"{project} belongs to another user, so git does not touch it. Nothing was changed.",
            f"If you trust its content: {command}",
        )
    return ScaffoldError(
        "not_a_repository",
        f"{project} is not in a git work tree, so there would be no way back from an update. Nothing was changed.",
        f"Make it one: {_git(project, 'init')} && {_committing(project)}",
    )
