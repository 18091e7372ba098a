"""Where a project comes from and where it goes, decided before anything is rendered."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from fastapi_scaffold.asking.answers import Answers
from fastapi_scaffold.asking.questions import Questionnaire, load_questionnaire
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.updating.recorded_answers import Carried, carry, check_record
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.project import ANSWERS_FILE, Record, elsewhere, read_record


@dataclass(frozen=True)
class Change:
    """A command that is an update with other words: it changes an answer at the version that the project has."""

    command: str
    subject: str
    """What it is about."""
    done: str
    """What then was done with that."""
    answers: Callable[[Questionnaire, Record], Mapping[str, str]]
    """Returns the new answer, from the questions and the answers that the project has."""
    notes: Sequence[str] = ()
    """What the user should hear of it; complete once the answer is there."""


@dataclass(frozen=True)
class Request:
    """What the user has said."""

    project: Path
    given: Mapping[str, str] = field(default_factory=dict)
    to: str | None = None
    change: Change | None = None
    check: bool = False
    """Whether no more is asked than whether there is something to do."""


@dataclass(frozen=True)
class Plan:
    """From which version and answers to which others."""

    project: Path
    record: Record
    old_version: str
    new_version: str
    old_root: Path
    new_root: Path
    old: Questionnaire
    new: Questionnaire
    carried: Carried
    change: Change | None

    @property
    def up_to_date(self) -> bool:
        """Whether neither the version nor an answer changes."""
        return self.record.version == self.new_version and not self.changes

    @property
    def changes(self) -> Answers:
        """The answers that change, or are new."""
        recorded, answers = self.record.texts, self.carried.answers
        return {
            question.name: answers[question.name]
            for question in self.new.questions
            if question.name not in recorded
            or question.plain(answers[question.name]) != question.plain(recorded[question.name])
        }

    @property
    def way(self) -> str:
        """From which version to which, in words; nothing where only answers change."""
        return f" from {self.old_version} to {self.new_version}" if self.old_version != self.new_version else ""

    @property
    def notes(self) -> Sequence[str]:
        """What the user should hear of the answers."""
        return [*(self.change.notes if self.change else ()), *self.carried.notes]

    @property
    def command(self) -> str:
        """What the command is called."""
        return self.change.command if self.change else "update"

    @property
    def subject(self) -> str:
        """What the command is about, if not the project."""
        return self.change.subject if self.change else ""

    @property
    def done(self) -> str:
        """What then was done with that."""
        return self.change.done if self.change else "updated"

    @property
    def cancelled(self) -> Cancelled:
        """What to say when the user stops the proof."""
        command = shlex.join(["fastapi-scaffold", "verify", *elsewhere(self.project)])
        return Cancelled("Cancelled, the project was updated but not proven.", f"Prove it with: {typed(command)}")


def make_plan(stack: ExitStack, project: Path, request: Request) -> Plan:
    """Decide to which version and answers `project` goes by `request`; both templates are there until `stack` ends.

    Raises ScaffoldError if it is no project of this template, or cannot go there.
    """
    record = read_record(project)
    versions = template.load_versions()
    _check_source(record, [*versions.released] or [versions.own])
    old_version = versions.find(record.version)
    new_version = versions.find(_tag(request.to)) if request.to else versions.own
    if request.change:
        new_version = old_version
    _check_newer(old_version, new_version)
    old_root = stack.enter_context(versions.checked_out(old_version))
    new_root = old_root if new_version == old_version else stack.enter_context(versions.checked_out(new_version))
    old, new = load_questionnaire(old_root), load_questionnaire(new_root)
    check_record(old, record.texts, record.version)
    carried = carry(old, new, record.texts, request.change.answers(old, record) if request.change else request.given)
    return Plan(project, record, old_version, new_version, old_root, new_root, old, new, carried, request.change)


def _check_source(record: Record, known: Sequence[str]) -> None:
    if record.source != template.SOURCE_URL:
        raise ScaffoldError(
            "foreign_template",
            f"The project was generated from {record.source}, which is not the template of this program.",
            # Copier writes there what it copied, of which it need not be known here which version it was.
            f"Run `copier update`. For a copy of this template, write {template.SOURCE_URL} as _src_path and the"
            f" version that it was made from as _commit into {ANSWERS_FILE}, one of {', '.join(known)}; and commit.",
            ExitCode.USAGE,
        )


def _check_newer(old_version: str, new_version: str) -> None:
    if template.is_older(new_version, old_version):
        raise ScaffoldError(
            "older_version",
            f"The project is at {old_version} already, which is newer than {new_version}.",
            "Go back with git: revert the commit of the update.",
            ExitCode.USAGE,
        )


def _tag(version: str) -> str:
    return version if version.startswith("v") else f"v{version}"
