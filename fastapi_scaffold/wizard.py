"""Asking on a terminal, one question at a time, with the validator that flags have."""

import shutil
import sys
import textwrap
from collections.abc import Mapping

from fastapi_scaffold.answers import Answers, complete, default, impossible, validate
from fastapi_scaffold.errors import Cancelled, InvalidAnswer
from fastapi_scaffold.questions import Choice, Question, Questionnaire


def can_ask() -> bool:
    """Tell whether there is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_all(questionnaire: Questionnaire, given: Mapping[str, str], suggested: Mapping[str, str]) -> Answers:
    """Ask every question that is not `given`; `suggested` answers are filled in to be changed or accepted.

    Raises InvalidAnswer for a given answer that is not valid, Cancelled if the user stops.
    """
    return complete(
        questionnaire,
        given,
        lambda question, earlier: _ask(questionnaire, question, earlier, suggested.get(question.name)),
    )


def _ask(questionnaire: Questionnaire, question: Question, earlier: Answers, suggested: str | None) -> str:
    suggestion = suggested or default(questionnaire, question, earlier) or ""
    try:
        answer = _prompt(questionnaire, question, earlier, suggestion)
    except (KeyboardInterrupt, EOFError) as error:
        raise Cancelled from error
    return answer


def _title(choice: Choice) -> str:
    return f"{choice.label} - {choice.hint}"


def _wrap(reason: str) -> str:
    """Break a long reason, which would be cut off at the edge of the terminal, into indented lines."""
    width = shutil.get_terminal_size().columns - 8
    return "\n      ".join(["", *textwrap.wrap(reason, width)]) if reason else ""


def _prompt(questionnaire: Questionnaire, question: Question, earlier: Answers, suggestion: str) -> str:
    import questionary

    if question.choices:
        choices = [
            questionary.Choice(_title(choice), choice.value, _wrap(impossible(questionnaire, choice, earlier)) or None)
            for choice in question.choices
        ]
        return str(questionary.select(question.help, choices, default=suggestion).unsafe_ask())

    def check(text: str) -> bool | str:
        try:
            validate(questionnaire, question, text, earlier)
        except InvalidAnswer as error:
            return error.message
        return True

    return str(questionary.text(question.help, default=suggestion, validate=check).unsafe_ask())
