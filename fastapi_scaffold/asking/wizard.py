"""Asking on a terminal: start, questions, review. Back at every step, and the validator that flags have."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

from fastapi_scaffold.asking.answers import DETECTED, Answers, complete, default, obstacle, spelled
from fastapi_scaffold.asking.listing import show
from fastapi_scaffold.asking.menu import Option
from fastapi_scaffold.asking.pages import Asker, Page, pages
from fastapi_scaffold.asking.personal import Preferred, config_file
from fastapi_scaffold.asking.prompts import Back, Line, Screen, choose
from fastapi_scaffold.asking.questions import Question, Questionnaire
from fastapi_scaffold.system.console import plain_if_needed, shorten
from fastapi_scaffold.system.errors import Cancelled, InvalidAnswer

# Of an answer, where many stand in a list.
_WIDTH = 52
# Copier, and before it what it imports.
_HEAVY = ("pydantic.fields", "pydantic.main", "jinja2.sandbox", "plumbum", "pathspec", "dunamai", "copier")
CREATE, LIST, CANCEL = "=create", "=list", "=cancel"


@dataclass(frozen=True)
class Preview:
    """What would be made of some answers: where, by which command, and which files."""

    title: str
    offer: str
    """What happens when it is confirmed."""
    command_line: str
    summary: Sequence[str]
    place: str
    files: Sequence[str]
    """What happens to each file there, a line for each."""


@dataclass
class Wizard:
    """What the wizard knows before it asks."""

    questionnaire: Questionnaire
    given: Mapping[str, str]
    """Answers that are not asked for again."""
    suggested: Mapping[str, str]
    """Answers to questions without a default, filled in to be changed or accepted."""
    personal: Mapping[str, str]
    """The user's own defaults."""
    last: Mapping[str, str]
    """The choices of the last time."""
    trail: dict[str, str] = field(default_factory=dict)
    """What was answered on the way to the screen that is shown."""
    remembered: dict[str, str] = field(default_factory=dict)
    """What was answered before the user went back."""
    back: bool = False
    """Whether there is a screen before the first one."""

    def run(self, preview: Callable[[Answers], Preview]) -> Answers:
        """Ask until the user confirms, and return the answers.

        Raises Cancelled if the user stops, at any point, and Back for the screen before the first one.
        """
        try:
            return self._begin(preview)
        except (KeyboardInterrupt, EOFError) as error:
            raise Cancelled from error

    # ── Start ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, preview: Callable[[Answers], Preview]) -> Answers:
        """Return what the user confirms, by whichever of the three ways."""
        way = None
        while True:
            screen = Screen("How do you want to begin?", back=self.back, meanwhile=self._preparations())
            way = choose(screen, self._ways(), way)
            preferred = self.last if way == "last" else self.personal
            questions = [
                question
                for question in self.questionnaire.questions
                if question.name not in self.given and (way == "customize" or self._must_ask(question))
            ]
            try:
                return self._ask_all(pages(questions), preferred, preview)
            except Back:
                continue

    def _preparations(self) -> list[Callable[[], object]]:
        """Return what takes long, in parts of which each is done before somebody notices."""
        # Not in a thread: two that import can block each other.
        return [*(partial(import_module, name) for name in _HEAVY), lambda: self._fill({}, {})]

    def _ways(self) -> list[Option]:
        source = f", with your defaults from {config_file()}" if self.personal else ""
        recommended = f"the recommended answers{source}\n{self._summary(self.personal)}"
        ways = [Option("recommended", "Recommended", recommended)]
        if self.last:
            # Unless what was given now is not possible with it.
            with suppress(InvalidAnswer):
                summary = self._summary(self.last)
                ways.append(Option("last", "Same as last time", f"the choices of your last project\n{summary}"))
        return [*ways, Option("customize", "Customize", "every question, with the recommended answer selected")]

    def _must_ask(self, question: Question) -> bool:
        return question.default is None and not question.choices and question.name not in self.suggested

    def _summary(self, preferred: Mapping[str, str]) -> str:
        """List the choices that `preferred` and the defaults come to, and what was given, a line for each."""
        # Looking for interpreters takes longer than everything else before the first screen.
        known = {DETECTED} & (self.given.keys() | preferred.keys())
        newest = next(one.values[0] for one in self.questionnaire.questions if one.name == DETECTED)
        answers = self._fill(preferred, {} if known else {DETECTED: newest})
        questions = self.questionnaire.questions
        chosen = pages(question for question in questions if question.choices or question.name in self.given)
        labels = {page.title: shorten(page.label(answers), _WIDTH) for page in chosen}
        if not known:
            labels[DETECTED.replace("_", " ")] = "the newest that works here"
        width = max(map(len, labels))
        return "\n".join(f"{name:<{width}}  {label}" for name, label in labels.items())

    def _fill(self, preferred: Mapping[str, str], answers: Mapping[str, str]) -> Answers:
        """Return an answer to every question: the given ones, `answers`, and the best for the rest."""
        fill = Preferred(self.questionnaire, preferred)
        known = {**self.suggested, **answers, **self.given}
        # Only for the summary: what has no default is not listed there.
        try:
            return complete(
                self.questionnaire,
                known,
                lambda question, earlier: "" if self._must_ask(question) else fill(question, earlier),
            )
        except InvalidAnswer as error:
            raise fill.explain(error) from error

    # ── Questions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_all(
        self, asked: Sequence[Page], preferred: Mapping[str, str], preview: Callable[[Answers], Preview]
    ) -> Answers:
        """Ask these pages in turn, fill in the other answers, and review. Raises Back from before the first one."""
        asker = Asker(self.questionnaire, self.given, self.suggested)
        self.trail, at = {}, 0
        while True:
            try:
                if at == len(asked):
                    return self._review(self._fill(preferred, self.trail), preview)
                eyebrow = f"{asked[at].first.section}, {at + 1} of {len(asked)}"
                wanted = {**preferred, **self.remembered}
                earlier = self._earlier(asked[at].first, preferred)
                answers = asker.ask(asked[at], earlier, wanted, eyebrow, self._trail_lines())
                self.trail |= answers
                self.remembered |= answers
                at += 1
            except Back:
                if at == 0:
                    raise
                at -= 1
                for question in asked[at].questions:
                    self.trail.pop(question.name)

    def _earlier(self, question: Question, preferred: Mapping[str, str]) -> Answers:
        """Return the answers to the questions before this one."""
        answers: Answers = {}
        fill = Preferred(self.questionnaire, preferred)
        for other in self.questionnaire.questions:
            if other == question:
                break
            known = {**self.suggested, **self.trail, **self.given}
            answers[other.name] = known[other.name] if other.name in known else fill(other, answers)
        return answers

    def _trail_lines(self) -> list[Line]:
        tick = plain_if_needed("✓", "+", sys.stdout.encoding or "ascii")
        asked = pages(question for question in self.questionnaire.questions if question.name in self.trail)
        return [("class:done", f"{tick} {page.title}: {page.label(self.trail)}") for page in asked]

    # ── Review ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _review(self, answers: Answers, preview: Callable[[Answers], Preview]) -> Answers:
        """Let the user look at everything and change any line, until it is confirmed."""
        at, notes = CREATE, list[str]()
        while True:
            shown = preview(answers)
            after = [*notes, "", *shown.summary, "", "The same without questions:", shown.command_line]
            screen = Screen(shown.title, "Review: enter on a line changes it", after=after)
            at = choose(screen, self._review_options(answers, shown.offer), at)
            if at == CREATE:
                return answers
            if at == CANCEL:
                raise KeyboardInterrupt
            if at == LIST:
                show(shown.place, shown.files)
                continue
            try:
                answers, notes = self._change(answers, at)
                self.remembered |= answers
            except Back:
                continue

    def _review_options(self, answers: Answers, offer: str) -> list[Option]:
        options = [Option(CREATE, offer)]
        listed = pages(self.questionnaire.questions)
        width = max(len(page.title) for page in listed)
        section = ""
        for page in listed:
            # A section of one line needs no heading.
            if page.first.section != section and not page.first.together:
                section = page.first.section
                options.append(Option("", section))
            # All of a long text is in the command below, and where it is changed.
            options.append(Option(page.title, f"{page.title:<{width}}  {shorten(page.label(answers), 2 * _WIDTH)}"))
        return [*options, Option("", ""), Option(LIST, "List every file"), Option(CANCEL, "Cancel")]

    def _change(self, answers: Answers, title: str) -> tuple[Answers, list[str]]:
        """Ask one page again; returns the answers, and what had to change with them, with the reason."""
        questions = self.questionnaire.questions
        page = next(page for page in pages(questions) if page.title == title)
        position = questions.index(page.first)
        earlier = {other.name: answers[other.name] for other in questions[:position]}
        # What was given can be changed here like everything else.
        asked = Asker(self.questionnaire).ask(page, earlier, answers)
        changed = answers | {one.name: spelled(self.questionnaire, one, asked[one.name]) for one in page.questions}
        notes = []
        for index, later in enumerate(questions[position + 1 :], position + 1):
            before = {other.name: changed[other.name] for other in questions[:index]}
            if reason := obstacle(self.questionnaire, later, changed[later.name], before):
                # A text that somebody wrote is not thrown away.
                value = default(self.questionnaire, later, before) if later.choices else None
                if value is None:
                    notes.append(f"{title} stays as it was: {reason}")
                    return answers, notes
                changed[later.name] = value
                notes.append(f"{later.title} is {later.label(value)} now: {reason}")
        return changed, notes
