"""Secrets, environments and databases stay out of git, also where the user has a .gitignore of their own."""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.git import Git, work_tree
from fastapi_scaffold.writing.preview import SECRETS
from fastapi_scaffold.writing.staging import GITIGNORE, cannot_write


def protect(staging: Path, destination: Path) -> None:
    """Make the .gitignore in `staging` the user's, where `destination` has one, with the lines that it lacks.

    Git decides what it lacks. Raises ScaffoldError if git would not ignore everything that the project's .gitignore
    names, or has the project's secrets already.
    """
    ignoring, own = staging / GITIGNORE, destination / GITIGNORE
    if not ignoring.is_file():
        return
    _check_untracked(destination)
    if not (own.is_symlink() or own.is_file()):
        return
    wanted = [line for line in ignoring.read_text(encoding="utf-8").splitlines() if line and line[0] not in "#!"]
    try:
        # Git follows no link of this name, and what it leads to is not the project's.
        after = b"" if own.is_symlink() else own.read_bytes()
        if not own.is_symlink():
            after = _with(after, _unignored(destination, after, wanted))
            ignoring.write_bytes(after)
            shutil.copymode(own, ignoring)
    except OSError as error:
        raise cannot_write(destination, error) from error
    if lacking := _unignored(destination, after, wanted):
        lines = "\n".join(f"  {line}" for line in lacking)
        raise ScaffoldError(
            "not_ignored",
            f"Git would not ignore {', '.join(lacking)}, whatever is added to {own}. Nothing was changed.",
            f"Make it a file that git can read, with these lines at its end:\n{lines}",
            ExitCode.USAGE,
        )


def _check_untracked(destination: Path) -> None:
    top = work_tree(destination)
    if top is None or not destination.is_relative_to(top):
        return
    name = (destination / SECRETS).relative_to(top).as_posix()
    if Git(top).run("--literal-pathspecs", "ls-files", "--error-unmatch", "--", name).returncode == 0:
        remove = shlex.join(["git", "-C", str(top), "rm", "--cached", name])
        raise ScaffoldError(
            "secrets_in_git",
            f"{destination / SECRETS} is for the project's secrets, and git has it. Nothing was changed.",
            f"Let git forget it, the file itself stays: {remove}",
            ExitCode.USAGE,
        )


def _with(before: bytes, lines: Sequence[str]) -> bytes:
    """Return `before` with `lines` at its end, in its own form."""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    between = b"" if not before or before.endswith(b"\n") or not lines else end
    return before + between + b"".join(line.encode() + end for line in lines)


def _unignored(destination: Path, content: bytes, patterns: Iterable[str]) -> list[str]:
    """Return those of `patterns` that git would not heed if `content` were the .gitignore of `destination`."""
    samples = {pattern: _sample(pattern) for pattern in patterns}
    if shutil.which("git") is None:
        return [pattern for pattern in samples if pattern.encode() not in content.split()]
    root = work_tree(destination) or destination
    with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        # A repository with the same files of this kind and nothing else: what only this machine ignores does not count.
        place = Path(scratch) / destination.relative_to(root)
        place.mkdir(parents=True, exist_ok=True)
        (place / GITIGNORE).write_bytes(content)
        for directory in destination.parents:
            above = directory / GITIGNORE
            if directory.is_relative_to(root) and above.is_file() and not above.is_symlink():
                shutil.copyfile(above, Path(scratch) / above.relative_to(root))
        Git(Path(scratch)).out("init", "--quiet", "--template=")
        names = b"\0".join(map(os.fsencode, samples.values()))
        done = Git(place).run("-c", f"core.excludesFile={os.devnull}", "check-ignore", "-z", "--stdin", stdin=names)
    ignored = os.fsdecode(done.stdout).split("\0")
    return [pattern for pattern, sample in samples.items() if sample not in ignored]


def _sample(pattern: str) -> str:
    """Return a path that `pattern` matches."""
    name = re.sub(r"\[.*?\]|\?|\*+", "x", pattern.strip().lstrip("/"))
    return f"{name}x" if name.endswith("/") else name
