"""The file in which the answers are saved beside the project, for whoever asked for one."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.asking.answer_files import format_file, read_file
from fastapi_scaffold.asking.answers import check_names
from fastapi_scaffold.asking.questions import Questionnaire
from fastapi_scaffold.system.errors import ExitCode, InvalidAnswer, ScaffoldError
from fastapi_scaffold.writing.plan import Plan
from fastapi_scaffold.writing.staging import cannot_write


@dataclass(frozen=True)
class AnswersFile:
    """A file that can be written, as far as can be seen."""

    path: Path

    def save(self, plan: Plan) -> None:
        """Write the answers of `plan` into it. Raises ScaffoldError if it cannot be written after all."""
        try:
            self.path.write_text(format_file(plan.answers), encoding="utf-8")
        except OSError as error:
            reason = f"{self.path} cannot be written: {error.strerror}"
            message = f"{plan.done} but not proven, for {reason}."
            hint = f"Prove it with: {plan.verify_command}\nThe answers are in its .copier-answers.yml."
            raise ScaffoldError("cannot_write", message, hint) from error


def find_answers_file(questionnaire: Questionnaire, path: Path | None, directory: str | None) -> AnswersFile | None:
    """Return the file `path` if there is to be one, which may be in the `directory` of the project.

    Raises ScaffoldError if it cannot be written, and if it is there and has something else in it than answers.
    """
    if path is None:
        return None
    try:
        if number := _unsavable(path, directory):
            raise cannot_write(path, OSError(number, ""))
        foreign = path.is_file() and not _has_answers(questionnaire, path)
    except OSError as error:
        raise cannot_write(str(path), error) from error
    if foreign:
        message = f"{path} is there already, and what is in it are no answers. Nothing was changed."
        raise ScaffoldError("not_answers", message, "Name another file with --save-answers.", ExitCode.USAGE)
    return AnswersFile(path)


def _has_answers(questionnaire: Questionnaire, path: Path) -> bool:
    """Tell whether the file `path` is empty or has answers in it, which others may replace."""
    try:
        if path.stat().st_size:
            check_names(questionnaire, read_file(str(path)))
    except InvalidAnswer:
        return False
    return True


def _unsavable(path: Path, directory: str | None) -> int:
    """Return the number of the error with which writing the file `path` would fail, or nothing."""
    # Beside the project's own files it may be: that directory is there in time.
    if directory is not None and path.parent.resolve() == Path(directory).resolve():
        return 0
    there = path if path.exists() else path.parent
    problems = {
        errno.EISDIR: path.is_dir(),
        errno.ENOENT: not there.exists(),
        errno.ENOTDIR: not path.parent.is_dir(),
        errno.EACCES: not os.access(there, os.W_OK),
    }
    return next((number for number, found in problems.items() if found), 0)
