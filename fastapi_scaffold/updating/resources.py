"""The resources of a project, of which one is added or removed: an update with one answer changed."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi_scaffold.asking.answers import derive, did_you_mean, spelled, validate
from fastapi_scaffold.asking.questions import Question, Questionnaire
from fastapi_scaffold.system.errors import ExitCode, InvalidAnswer, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.updating.consequences import taken_away
from fastapi_scaffold.updating.plan import Change
from fastapi_scaffold.writing.project import Record, elsewhere

QUESTION = "resources"
EXAMPLE_QUESTION = "example"
EXAMPLE = "fastapi-scaffold add customer name:str email:email:unique"


@dataclass(frozen=True)
class Resources:
    """The resources of a project."""

    question: Question
    between: str
    every: Sequence[Mapping[str, Any]]
    """The facts of each, also of the example."""
    own: Mapping[str, str]
    """Those that somebody asked for: name → how."""

    @property
    def shown(self) -> Sequence[str]:
        """The name of the example, where there is one."""
        return [resource["name"] for resource in self.every if resource["name"] not in self.own]

    def answer(self, own: Sequence[str]) -> Mapping[str, str]:
        """Return the answer that asks for `own`."""
        return {self.question.name: f"{self.between} ".join(own)}


def addition(project: Path, name: str, fields: Sequence[str]) -> Change:
    """Return the change that adds the resource `name` to `project`. Raises ScaffoldError for one without fields.

    Its answers raise ScaffoldError if it cannot be added.
    """
    # All may be one text in quotes.
    words = " ".join([name, *fields]).split()
    if len(words) < 2:
        hint = f"For instance: {typed(EXAMPLE)}"
        raise ScaffoldError("no_fields", f"{name} needs a field at least.", hint, ExitCode.USAGE)
    singular = words[0].partition("/")[0]
    notes: list[str] = []

    def answers(questionnaire: Questionnaire, record: Record) -> Mapping[str, str]:
        resources = _resources(questionnaire, record, project)
        _check_new(singular, resources, project)
        text = spelled(questionnaire, resources.question, " ".join(words))
        answer = resources.answer([*resources.own.values(), text])
        _check_valid(questionnaire, resources.question, answer[QUESTION], record)
        if text.split()[0] != words[0]:
            plural = text.split()[0].partition("/")[2]
            notes.append(f"The plural of {singular} is {plural}; NAME/PLURAL gives another one.")
        return answer

    return Change("add", singular, "added", answers, notes)


def removal(project: Path, name: str) -> Change:
    """Return the change that removes the resource `name` of `project`.

    Its answers raise ScaffoldError if it cannot be removed.
    """

    def answers(questionnaire: Questionnaire, record: Record) -> Mapping[str, str]:
        resources = _resources(questionnaire, record, project)
        without = _without_example(questionnaire) if name in resources.shown else {}
        if name not in resources.own and not without:
            raise _not_there(name, resources, elsewhere(project))
        there = elsewhere(project, "--project")
        if others := [other["name"] for other in resources.every if name in _referred(other)]:
            raise ScaffoldError(
                "resource_in_use",
                f"{', '.join(others)} refers to {name}. Nothing was changed.",
                f"Remove that first: {typed(shlex.join(['fastapi-scaffold', 'remove', others[-1], *there]))}",
                ExitCode.USAGE,
            )
        return without or resources.answer([text for other, text in resources.own.items() if other != name])

    return Change("remove", name, "removed", answers)


def _check_new(name: str, resources: Resources, project: Path) -> None:
    for resource in resources.every:
        if resource["name"] == name:
            raise ScaffoldError(
                "resource_exists",
                f"There is a resource {name} already. Nothing was changed.",
                _existing(project, name, f"app/{resource['plural']}/"),
                ExitCode.USAGE,
            )


def _check_valid(questionnaire: Questionnaire, question: Question, answer: str, record: Record) -> None:
    try:
        validate(questionnaire, question, answer, record.texts, record.texts[QUESTION])
    except InvalidAnswer as error:
        reason = error.message.removeprefix(f"{question.flag}: ")
        end = "\nNothing was changed." if "\n" in reason else " Nothing was changed."
        rules = f"`{typed('fastapi-scaffold add --help')}` lists the types and the rules for names."
        raise InvalidAnswer("invalid_resource", f"{reason}{end}", f"For instance: {typed(EXAMPLE)}\n{rules}") from error


def _resources(questionnaire: Questionnaire, record: Record, directory: Path) -> Resources:
    """Return what the project has. Raises ScaffoldError if it is of a version without resources."""
    question = next((question for question in questionnaire.questions if question.name == QUESTION), None)
    if question is None or question.notation is None:
        raise ScaffoldError(
            "no_resources",
            f"The project is at {record.version}, which has no resources. Nothing was changed.",
            f"Update it first: {typed(shlex.join(['fastapi-scaffold', 'update', *elsewhere(directory)]))}",
            ExitCode.USAGE,
        )
    between = question.notation.between
    texts = [text.strip() for text in record.texts[QUESTION].split(between) if text.strip()]
    every = json.loads(derive(questionnaire, "domains", record.texts))
    # The example comes first.
    names = [resource["name"] for resource in every[len(every) - len(texts) :]]
    return Resources(question, between, every, dict(zip(names, texts, strict=True)))


def _existing(project: Path, name: str, package: str) -> str:
    """Return what to do about a resource that is there already, if another branch has not taken its code away."""
    if (project / package).is_dir():
        return f"It is yours: change it in {package}. Or choose another name."
    return taken_away(name, package, *elsewhere(project, "--project"))


def _without_example(questionnaire: Questionnaire) -> Mapping[str, str]:
    """Return the answer of a project that has no example; nothing in versions in which every project has it."""
    rows = questionnaire.tables.get("catalogue", {}).get(EXAMPLE_QUESTION, {})
    empty = [value for value, row in rows.items() if not row["written"]]
    return dict(zip([EXAMPLE_QUESTION], empty, strict=False))


def _referred(resource: Mapping[str, Any]) -> set[str]:
    return {field["target"]["name"] for field in resource["references"]}


def _not_there(name: str, resources: Resources, there: Sequence[str]) -> ScaffoldError:
    names = [resource["name"] for resource in resources.every]
    known = f"The project has {', '.join(names)}."
    if name in names:
        message = f"{name} stays: the version of the project needs it. Nothing was changed."
        update = f"Update it first: {typed(shlex.join(['fastapi-scaffold', 'update', *there]))}"
        return ScaffoldError("resource_needed", message, update, ExitCode.USAGE)
    message = f'There is no resource "{name}". Nothing was changed.'
    return ScaffoldError("unknown_resource", message, did_you_mean(name, resources.own) or known, ExitCode.USAGE)
