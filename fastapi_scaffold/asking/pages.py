"""Pages: what is asked on one screen, which is a question, or all of a section of which any row can be ticked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from fastapi_scaffold.asking.answer_files import parse_data
from fastapi_scaffold.asking.answers import (
    Answers,
    default,
    obstacle,
    required_default,
    usual,
    validate,
)
from fastapi_scaffold.asking.menu import Option
from fastapi_scaffold.asking.prompts import Line, Screen, choose, tick, type_text
from fastapi_scaffold.asking.questions import Choice, Question, Questionnaire
from fastapi_scaffold.system.console import shorten
from fastapi_scaffold.system.errors import InvalidAnswer


@dataclass(frozen=True)
class Page:
    """The questions on one screen; in a list of answers they have one line."""

    questions: tuple[Question, ...]

    @property
    def first(self) -> Question:
        """The question that says what all of them have in common."""
        return self.questions[0]

    @property
    def title(self) -> str:
        """What it is called in a list."""
        return self.first.section.lower() if self.first.together else self.first.title

    @property
    def asks(self) -> str:
        """What stands above what there is to choose or to type."""
        return self.first.together or self.first.help

    def label(self, answers: Mapping[str, str]) -> str:
        """Return how to show its `answers` to a person."""
        if not self.first.together:
            return self.first.label(answers[self.first.name])
        ticked = [one.label(answers[one.name]) for one in self.questions if answers[one.name] != one.default]
        return ", ".join(ticked) or "none"


def pages(questions: Iterable[Question]) -> list[Page]:
    """Return the pages of these questions, in order. Where there is one row, there is nothing to ask."""
    asked = [question for question in questions if len(question.choices) != 1]
    grouped = groupby(asked, lambda question: question.section if question.together else question.name)
    return [Page(tuple(its)) for _, its in grouped]


@dataclass(frozen=True)
class Asker:
    """Asks a page, and knows what decides which answers are possible."""

    questionnaire: Questionnaire
    given: Mapping[str, str] = field(default_factory=dict)
    """Answers that are not asked for, also to later questions."""
    suggested: Mapping[str, str] = field(default_factory=dict)
    """Answers to questions without a default, filled in to be changed or accepted."""

    def ask(
        self, page: Page, earlier: Answers, wanted: Mapping[str, str], eyebrow: str = "", trail: Sequence[Line] = ()
    ) -> Answers:
        """Return the answers to `page` that come after the `earlier` ones; what is `wanted` of them is selected."""
        question = page.first
        explained = question.notation.explained() if question.notation else []
        screen = Screen(page.asks, eyebrow, trail, explained)
        if question.together:
            return self._tick(screen, page.questions, earlier, wanted)
        answer = self._choose if question.choices else self._type
        return {question.name: answer(screen, question, earlier, wanted.get(question.name))}

    def _tick(
        self, screen: Screen, questions: Sequence[Question], earlier: Answers, wanted: Mapping[str, str]
    ) -> Answers:
        options = [
            Option(_data(question.name, choice.value), choice.label, choice.hint, reason, question.name)
            for question in questions
            for choice, reason in self._rows(question, earlier)
            if choice.value != question.default
        ]
        nothing = {question.name: required_default(self.questionnaire, question, earlier) for question in questions}
        if not any(option.enabled for option in options):
            choose(screen, [*options, Option("=none", "None")])
            return nothing
        return nothing | parse_data(tick(screen, options, {_data(*item) for item in wanted.items()}))

    def _choose(self, screen: Screen, question: Question, earlier: Answers, wanted: str | None) -> str:
        options = [
            Option(choice.value, choice.label, choice.hint, reason) for choice, reason in self._rows(question, earlier)
        ]
        return choose(screen, options, wanted or default(self.questionnaire, question, earlier))

    def _type(self, screen: Screen, question: Question, earlier: Answers, wanted: str | None) -> str:
        def check(text: str) -> str:
            try:
                validate(self.questionnaire, question, text, earlier)
            except InvalidAnswer as error:
                return error.message.removeprefix(f"{question.flag}: ")
            return ""

        suggestion = wanted or self.suggested.get(question.name) or default(self.questionnaire, question, earlier)
        between = question.notation.between if question.notation else " "
        return type_text(screen, suggestion or "", check, question.placeholder, between)

    def _rows(self, question: Question, earlier: Answers) -> list[tuple[Choice, str]]:
        """Return what there is to choose, each with why it is not possible, or nothing."""
        return [(choice, self._reason(question, choice, earlier)) for choice in question.choices]

    def _reason(self, question: Question, choice: Choice, earlier: Answers) -> str:
        """Return why `choice` is not possible, because of what comes before it or of a flag for what comes after."""
        if reason := obstacle(self.questionnaire, question, choice.value, earlier):
            return reason
        lacking = question.offers - self.questionnaire.capabilities(earlier) - choice.provides
        for later in self.questionnaire.questions:
            if later.name in earlier or later.name not in self.given:
                continue
            given = self.given[later.name]
            if row := later.choice(given):
                reason = next((reason for capability, reason in row.needs.items() if capability in lacking), "")
            else:
                so_far = usual(self.questionnaire, {**earlier, question.name: choice.value})
                reason = obstacle(self.questionnaire, later, given, so_far)
            if reason:
                return f"{later.title.capitalize()} {shorten(given, 40)} was given. {reason}"
        return ""


def _data(name: str, value: str) -> str:
    """Return an answer as one text, for two questions may have rows of the same name."""
    return f"{name}={value}"
