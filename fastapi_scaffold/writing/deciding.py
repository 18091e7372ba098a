"""From what was given to a plan: with the wizard, or without a question."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi_scaffold.asking.answers import Answers, check_given, derive
from fastapi_scaffold.asking.personal import Preferred, load_last_answers, save_last_answers
from fastapi_scaffold.asking.prompts import Back
from fastapi_scaffold.asking.questions import Questionnaire
from fastapi_scaffold.asking.unattended import answer_all, answer_defaults, unanswered
from fastapi_scaffold.system.console import Console
from fastapi_scaffold.system.directories import absolute
from fastapi_scaffold.system.errors import Cancelled, InvalidAnswer
from fastapi_scaffold.writing.destination import Destination, ask_destination, find_destination
from fastapi_scaffold.writing.plan import Plan, make_plan
from fastapi_scaffold.writing.saved_answers import AnswersFile
from fastapi_scaffold.writing.staging import occupied

if TYPE_CHECKING:
    from fastapi_scaffold.asking.wizard import Preview


@dataclass(frozen=True)
class Request:
    """What the user has said, and what is known of them."""

    directory: str | None
    """Where, if that was said; else the project's name decides."""
    policy: str | None
    """What happens to files that are there, if that was said."""
    given: Mapping[str, str]
    personal: Mapping[str, str]
    """Their own defaults."""
    defaults: bool
    """Whether the defaults do for what is not answered."""
    git: bool
    writes: bool
    """Whether a project is made, and not only shown."""
    answers_file: AnswersFile | None
    """Where the answers shall be saved, if anywhere."""


def decide(questionnaire: Questionnaire, request: Request, unasked: str, say: Callable[[str], None]) -> Plan:
    """Return what the user wants made. Whoever can be asked is, unless every question is answered or the defaults do.

    `unasked` is why nobody can be. What is taken from the user's own defaults, `say` is told.
    Raises Cancelled if they stop, ScaffoldError if there can be no plan.
    """
    if request.defaults or unasked or not unanswered(questionnaire, request.given):
        return _decide(questionnaire, request, unasked, say)
    return _ask(questionnaire, request)


def _decide(questionnaire: Questionnaire, request: Request, unasked: str, say: Callable[[str], None]) -> Plan:
    suggested: Answers = {}
    if request.directory is not None:
        destination = find_destination(request.directory, request.policy)
        suggested["project_name"] = destination.path.name
    preferred = Preferred(questionnaire, request.personal)
    if request.defaults:
        answers = answer_defaults(questionnaire, request.given, suggested, preferred)
    else:
        answers = answer_all(questionnaire, request.given, suggested, preferred, unasked)
    for line in preferred.announcement():
        say(line)
    if request.directory is None:
        destination = find_destination(derive(questionnaire, "project_slug", answers), request.policy)
    return make_plan(questionnaire, destination, answers, git=request.git)


def _ask(questionnaire: Questionnaire, request: Request) -> Plan:
    remembered: Answers = {}
    while True:
        try:
            return _ask_about(questionnaire, request, _named(request), remembered)
        except Back:
            # From the first screen to what was asked before it.
            continue


def _ask_about(questionnaire: Questionnaire, request: Request, named: Destination | None, remembered: Answers) -> Plan:
    from fastapi_scaffold.asking.wizard import Wizard

    suggested = _usable(questionnaire, {"project_name": named.path.name} if named else {})
    seen: dict[tuple[str, ...], tuple[Plan, Preview]] = {}

    def preview(answers: Answers) -> "Preview":
        key = tuple(answers.values())
        if key not in seen:
            here = named or _destination(request, derive(questionnaire, "project_slug", answers), back=True)
            plan = make_plan(questionnaire, here, answers, git=request.git)
            with Console(sys.stdout).live(lambda: [("Looking at what would be written", None)]):
                seen[key] = plan, _preview(plan, request)
        return seen[key][1]

    last = load_last_answers(questionnaire)
    # Whether there was a question before those of the wizard.
    back = request.directory is not None and not request.policy and occupied(absolute(request.directory))
    answers = Wizard(
        questionnaire, request.given, suggested, request.personal, last, remembered=remembered, back=back
    ).run(preview)
    if request.writes:
        save_last_answers({question.name: answers[question.name] for question in questionnaire.questions})
    return seen[tuple(answers.values())][0]


def _named(request: Request) -> Destination | None:
    """Return the destination that the user has named, asking what to do if something is there."""
    if request.directory is None:
        return None
    try:
        return _destination(request, request.directory, back=False)
    except (KeyboardInterrupt, EOFError) as error:
        raise Cancelled from error


def _destination(request: Request, shown: str, *, back: bool) -> Destination:
    """Return where the project goes, asking if something is there and no option says what to do."""
    return find_destination(shown, request.policy) if request.policy else ask_destination(shown, back=back)


def _usable(questionnaire: Questionnaire, suggested: Answers) -> Answers:
    """Leave out the name of a directory that no project can have; the wizard asks then."""
    try:
        check_given(questionnaire, suggested)
    except InvalidAnswer:
        return {}
    return suggested


def _preview(plan: Plan, request: Request) -> "Preview":
    from fastapi_scaffold.asking.wizard import Preview
    from fastapi_scaffold.writing.creation import dry_run
    from fastapi_scaffold.writing.preview import summary_lines, tree_lines

    files = dry_run(plan).files

    title = f"{plan.answers['project_name']} in {plan.path}"
    offer = "Merge the project into your files" if plan.destination.merges else "Create the project"
    offer = offer if request.writes else "Show what would be written"
    summary = [*summary_lines(files), *plan.notes]
    return Preview(title, offer, plan.command_line, summary, f"{plan.path}/", list(tree_lines(files)))
