"""The answers of an existing project, carried over to another version of the template.

An answer is never replaced by a default behind the user's back: what no longer fits is an error that says how to
choose.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fastapi_scaffold.asking.answers import Answers, check_names, default, missing, spelled, suggestion, validate
from fastapi_scaffold.asking.questions import Question, Questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.system.shell import typed


@dataclass(frozen=True)
class Carried:
    """The answers for the new version, and what about them the user should hear."""

    answers: Answers
    notes: tuple[str, ...]


def check_record(questionnaire: Questionnaire, recorded: Mapping[str, str], version: str) -> None:
    """Raise InvalidAnswer if `recorded` cannot have been answers to `questionnaire`, as after an edit by hand."""
    earlier: Answers = {}
    for question in questionnaire.questions:
        try:
            if question.name not in recorded:
                raise missing([question])
            validate(questionnaire, question, recorded[question.name], earlier, recorded[question.name])
        except InvalidAnswer as error:
            raise InvalidAnswer(
                "damaged_answers",
                f"The answers file does not fit the template {version} that it names. {error.message}",
                "Restore .copier-answers.yml from git; answers are changed with"
                f" `{typed('fastapi-scaffold update --data')}`."
                " Where two branches have met, keep in it what holds for the code that you kept.",
            ) from error
        earlier[question.name] = recorded[question.name]


def carry(old: Questionnaire, new: Questionnaire, recorded: Mapping[str, str], given: Mapping[str, str]) -> Carried:
    """Answer the `new` questions: as `given`, else as `recorded`, else with the default.

    A default may refer to answers that are asked no more, which is how a question is renamed.
    Raises InvalidAnswer for a given answer that is not valid and for a recorded one that no longer is.
    """
    check_names(new, given)
    kept = {question.name for question in new.questions}
    dropped = {question.name: recorded[question.name] for question in old.questions if question.name not in kept}
    answers: Answers = {}
    notes: list[str] = []
    for question in new.questions:
        if question.name in given:
            before = recorded.get(question.name, "")
            value = spelled(new, question, given[question.name], before)
            validate(new, question, value, answers, before)
        elif question.name in recorded:
            value = recorded[question.name]
            _validate_recorded(new, question, value, answers)
        else:
            value = _new_answer(new, question, dropped, answers)
            shown = value or "none"
            notes.append(f"New question: {question.help} The answer is {shown}; change it with {question.flag}.")
        answers[question.name] = value
    notes += _forget(old, new, dropped, given)
    return Carried(answers, tuple(notes))


def as_before(new: Questionnaire, recorded: Mapping[str, str], carried: Answers) -> Answers:
    """Return the answers to the `new` questions that were `recorded`; what is `carried` where that cannot be."""
    answers: Answers = {}
    for question in new.questions:
        value = recorded.get(question.name, carried[question.name])
        try:
            validate(new, question, value, answers, value)
        except InvalidAnswer:
            return carried
        answers[question.name] = value
    return answers


def _validate_recorded(new: Questionnaire, question: Question, value: str, earlier: Answers) -> None:
    try:
        validate(new, question, value, earlier, value)
    except InvalidAnswer as error:
        if error.code == "impossible_combination":
            raise
        choices = "|".join(question.values) or "TEXT"
        raise InvalidAnswer(
            "answer_no_longer_valid",
            f"The project's own answer is not valid any more. {error.message}",
            f"Choose another one with {question.flag} {choices}.",
        ) from error


def _new_answer(new: Questionnaire, question: Question, dropped: Answers, earlier: Answers) -> str:
    context = {**dropped, **earlier}
    ask = suggestion if _mentions(question, dropped) else default
    value = ask(new, question, context)
    if value is None:
        raise missing([question], "The new version asks this. Answer with the option above.")
    validate(new, question, value, context)
    return value


def _forget(
    old: Questionnaire, new: Questionnaire, dropped: Mapping[str, str], given: Mapping[str, str]
) -> Iterable[str]:
    """Return a note for each answer that is asked no more. Raises InvalidAnswer if a new question may replace it."""
    asked = {question.name for question in old.questions}
    added = [question for question in new.questions if question.name not in asked]
    successors = [question for question in added if _mentions(question, dropped)]
    lost = [name for name in dropped if not any(_mentions(question, [name]) for question in added)]
    unclear = [question for question in added if question not in successors and question.name not in given]
    if lost and unclear:
        answers = ", ".join(f'{name} "{dropped[name]}"' for name in lost)
        options = " ".join(f"{question.flag} {'|'.join(question.values) or 'TEXT'}" for question in unclear)
        raise InvalidAnswer(
            "answer_lost",
            f"The new version does not ask for {answers}, and asks something new.",
            f"Answer that with {options}.",
        )
    return [f'Asked no more: {name}. The answer "{dropped[name]}" is dropped.' for name in lost]


def _mentions(question: Question, names: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", question.default or "") for name in names)
