"""Everything that is decided about a new project before anything is written."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.asking.answers import DETECTED, Answers, default
from fastapi_scaffold.asking.questions import Questionnaire
from fastapi_scaffold.system.errors import Cancelled
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.destination import Destination
from fastapi_scaffold.writing.project import ANSWERS_FILE
from fastapi_scaffold.writing.staging import check_writable
from fastapi_scaffold.writing.workspace import check_no_workspace

# What is done with git at the destination, if anything.
INIT, COMMIT = "init", "commit"


@dataclass(frozen=True)
class Plan:
    """Where which project goes, and what is done with git there."""

    destination: Destination
    answers: Answers
    git: str
    """Whether a repository is made and the project committed in it, or committed in the one that is there."""
    notes: tuple[str, ...]
    command_line: str
    """What makes the same project anywhere with this version, without a question."""

    @property
    def path(self) -> Path:
        """Where the project goes."""
        return self.destination.path

    @property
    def shown(self) -> str:
        """The destination as the user would write it."""
        return self.destination.shown

    @property
    def done(self) -> str:
        """What can be said once the project is in its place."""
        return f"the project was merged into {self.shown}" if self.destination.merges else f"{self.shown} was created"

    @property
    def verify_command(self) -> str:
        """The command that proves the project later."""
        return typed(shlex.join(["fastapi-scaffold", "verify", self.shown]))

    @property
    def cancelled(self) -> Cancelled:
        """What to say when the user stops the command."""
        if not (self.path / ANSWERS_FILE).exists():
            return Cancelled()
        return Cancelled(f"Cancelled, {self.done} but not proven.", f"Prove it with: {self.verify_command}")


def make_plan(questionnaire: Questionnaire, destination: Destination, answers: Answers, *, git: bool) -> Plan:
    """Return what is made of `answers` at `destination`. Raises ScaffoldError if nothing can be written there."""
    check_writable(destination.path)
    check_no_workspace(destination.path)
    task, notes = _git(questionnaire, destination, answers) if git else ("", ())
    return Plan(destination, answers, task, notes, _command_line(questionnaire, destination, answers, git=git))


def _git(questionnaire: Questionnaire, destination: Destination, answers: Answers) -> tuple[str, tuple[str, ...]]:
    """Return what is done with git, and what to tell of what is not."""
    from fastapi_scaffold.system.git import has_commit, work_tree

    top = work_tree(destination.path)
    if top is not None and top != destination.path:
        left = "It is part of the git repository around it: committing is left to you."
        return "", (left, *_misplaced(questionnaire, answers, top))
    if destination.merges:
        return "", ("Your files and the project's go together: committing is left to you.",)
    if top is None:
        return INIT, ()
    if has_commit(top):
        return "", ("There are commits in the repository already: this one is left to you.",)
    return COMMIT, ()


def _misplaced(questionnaire: Questionnaire, answers: Answers, top: Path) -> Iterator[str]:
    """Yield what to say of files that nobody reads where the project is, by the facts of what was chosen."""
    catalogue = questionnaire.tables.get("catalogue", {})
    rows = [catalogue[name][answers[name]] for name in catalogue if name in answers]
    if paths := [path for row in rows for path in row.get("only_at_the_top", ())]:
        them = ", ".join(paths)
        yield f"Nobody reads {them} there: move what you need to {top}, and let it work in the project's directory."


def _command_line(questionnaire: Questionnaire, destination: Destination, answers: Answers, *, git: bool) -> str:
    words = ["fastapi-scaffold", "new", destination.shown, "--defaults", "--no-config"]
    earlier: Answers = {}
    for question in questionnaire.questions:
        value = answers[question.name]
        named = question.name == "project_name"
        usual = destination.path.name if named else default(questionnaire, question, earlier)
        if question.name == DETECTED or value != usual:
            words += [question.flag, value]
        earlier[question.name] = value
    words += ["--on-existing", destination.policy] if destination.merges else []
    words += [] if git else ["--no-git"]
    return typed(shlex.join(words))
