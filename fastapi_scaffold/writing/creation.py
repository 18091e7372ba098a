"""A new project: rendered, compared with what is there, and put in its place."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.writing.actions import FileAction
from fastapi_scaffold.writing.plan import INIT, Plan
from fastapi_scaffold.writing.preview import SECRETS, compare, count, leave_out, patch
from fastapi_scaffold.writing.project import LOCK_FILE
from fastapi_scaffold.writing.saved_answers import AnswersFile

# The last lines of what uv says have the cause.
_TOLD = 6


@dataclass(frozen=True)
class Written:
    """What happens to the files, and what they contain if somebody asked."""

    files: Sequence[FileAction]
    patch: str = ""


def dry_run(plan: Plan, *, with_patch: bool = False) -> Written:
    """Do everything but put the project in its place."""
    with tempfile.TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        files = _fill(plan, Path(scratch))
        return Written(files, patch(Path(scratch), plan.path, files) if with_patch else "")


def write(plan: Plan) -> Written:
    """Put the project in its place, all or nothing. Raises ScaffoldError if that cannot be."""
    from fastapi_scaffold.system.git import init
    from fastapi_scaffold.writing.staging import staged

    with staged(plan.path, merge=plan.destination.merges) as staging:
        files = _fill(plan, staging)
        leave_out(staging, files)
        if plan.git == INIT:
            init(staging)
    return Written(files)


def _fill(plan: Plan, staging: Path) -> list[FileAction]:
    """Make the project in `staging`, and return what happens to each file at the destination."""
    from fastapi_scaffold.writing.dotenv import write_dotenv
    from fastapi_scaffold.writing.engine import render
    from fastapi_scaffold.writing.ignoring import protect

    render(plan.answers, staging)
    write_dotenv(staging)
    protect(staging, plan.path)
    return compare(staging, plan.path, replace=plan.destination.policy == "overwrite")


def summary(plan: Plan, written: Written) -> str:
    """Return what was made, in a line."""
    if plan.destination.merges:
        return f"Merged into {plan.shown}: {count(written.files)}"
    return f"Created {plan.shown} with {len(written.files)} files"


def save_answers(file: AnswersFile, plan: Plan, written: Written) -> None:
    """Save the answers of `plan` in `file`. Raises ScaffoldError if that fails, with the project committed."""
    try:
        file.save(plan)
    except ScaffoldError:
        commit(plan, written)
        raise


def commit(plan: Plan, written: Written, trouble: str = "") -> None:
    """Commit what was written where that is planned, with the lock file if there is one.

    Raises ScaffoldError, with the `trouble` that there was before: it may have the same cause.
    """
    if not plan.git:
        return
    from fastapi_scaffold.system import git

    paths = {file.path for file in written.files} - {SECRETS}
    paths |= {LOCK_FILE} if (plan.path / LOCK_FILE).is_file() else set()
    try:
        git.commit(plan.path, sorted(paths))
    except ScaffoldError as error:
        message = f"{plan.done}, but not committed: {error.message}"
        if before := trouble.strip().splitlines()[-_TOLD:]:
            message = "\n".join([message, "It was not installed either:", *(f"  {line}" for line in before)])
        raise ScaffoldError(error.code, message, f"Commit it yourself, then run `{plan.verify_command}`.") from error
