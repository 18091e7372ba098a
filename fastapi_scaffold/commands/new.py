"""Generate a project and prove it. Asks on a terminal, unless every question is answered.

An answer comes from the first of these that has it: its own option, --data, --answers, what you say when asked, your
defaults in the configuration file (`fastapi-scaffold info` names it), the template's defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastapi_scaffold.asking.answer_files import parse_data, read_file
from fastapi_scaffold.asking.answers import check_given
from fastapi_scaffold.asking.personal import load_defaults
from fastapi_scaffold.asking.questions import Questionnaire, load_questionnaire
from fastapi_scaffold.commands.options import Data, NoVerify, Output, filled
from fastapi_scaffold.system.errors import ExitCode
from fastapi_scaffold.system.git import require_git
from fastapi_scaffold.writing.deciding import Request, decide
from fastapi_scaffold.writing.destination import POLICIES, check_policy
from fastapi_scaffold.writing.plan import Plan
from fastapi_scaffold.writing.saved_answers import AnswersFile, find_answers_file
from fastapi_scaffold.writing.template import template_root

if TYPE_CHECKING:
    from fastapi_scaffold.proving.proof import Proof
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.writing.creation import Written

_WHERE = typer.Argument(
    metavar="DIRECTORY", help="Where. Default: named after the project.", parser=filled, show_default=False
)
_EXISTING = typer.Option(
    metavar="error|rename|merge|overwrite",
    help="What to do where there are files already. Without a terminal: error.",
    show_default=False,
    autocompletion=lambda incomplete: [name for name in POLICIES if name.startswith(incomplete)],
)
_ANSWERS = typer.Option("--answers", metavar="FILE", help="Read answers, YAML or JSON; - is stdin.", show_default=False)
_SAVE = typer.Option("--save-answers", metavar="FILE", help="Write all answers, also over others.", show_default=False)


@dataclass(frozen=True, kw_only=True)
class Options(Output):
    """How `new` was called."""

    directory: Annotated[str | None, _WHERE] = None
    defaults: Annotated[bool, typer.Option("--defaults", "-y", help="Ask nothing; take the defaults.")] = False
    data: Data = None
    answers: Annotated[str | None, _ANSWERS] = None
    save_answers: Annotated[Path | None, _SAVE] = None
    no_config: Annotated[bool, typer.Option("--no-config", help="Leave out your own defaults.")] = False
    on_existing: Annotated[str | None, _EXISTING] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be written, and write nothing.")] = False
    diff: Annotated[bool, typer.Option("--diff", help="Show what would be written, and write nothing.")] = False
    no_verify: NoVerify = False
    no_git: Annotated[bool, typer.Option("--no-git", help="Do not create a git repository.")] = False
    flags: dict[str, str] = field(default_factory=dict)
    """The answers that have an option of their own."""

    @property
    def writes(self) -> bool:
        """Whether a project is made, and not only shown."""
        return not (self.dry_run or self.diff)


def run(options: Options) -> ExitCode:
    """Generate a project as `options` say, prove it and print the report.

    Raises ScaffoldError if it cannot be generated, in which case nothing is left behind.
    """
    given = (read_file(options.answers) if options.answers else {}) | parse_data(options.data or []) | options.flags
    questionnaire = load_questionnaire(template_root())
    from fastapi_scaffold.reporting.progress import Progress

    progress = Progress(silent=options.silent)
    request = _request(questionnaire, options, given)
    plan = decide(questionnaire, request, _unasked(options), progress.say)
    if not options.writes:
        return _show(options, plan)
    try:
        written, proof = _make(questionnaire, options, plan, request.answers_file, progress)
    except KeyboardInterrupt as error:
        raise plan.cancelled from error
    from fastapi_scaffold.reporting.created import report_created
    from fastapi_scaffold.reporting.printing import print_report

    print_report(report_created(plan, written, proof), options)
    return proof.exit_code if proof else ExitCode.DONE


def _request(questionnaire: Questionnaire, options: Options, given: Mapping[str, str]) -> Request:
    """Return what is wanted, as far as it can be. Raises ScaffoldError for what cannot be, whatever is answered."""
    if not options.no_git:
        require_git()
    check_policy(options.on_existing)
    answers_file = find_answers_file(questionnaire, options.save_answers, options.directory)
    check_given(questionnaire, given)
    personal = {} if options.no_config else load_defaults(questionnaire)
    place, policy, git = options.directory, options.on_existing, not options.no_git
    return Request(place, policy, given, personal, options.defaults, git, options.writes, answers_file)


def _unasked(options: Options) -> str:
    from fastapi_scaffold.asking.prompts import cannot_ask

    return cannot_ask() or ("With --json nothing is asked." if options.as_json else "")


def _show(options: Options, plan: Plan) -> ExitCode:
    from fastapi_scaffold.reporting.created import report_preview
    from fastapi_scaffold.reporting.printing import print_report
    from fastapi_scaffold.writing.creation import dry_run

    notes = [f"{options.save_answers} would hold the answers."] if options.save_answers else []
    written = dry_run(plan, with_patch=options.diff)
    print_report(report_preview(plan, written, notes, tree=options.dry_run), options)
    return ExitCode.DONE


def _make(
    questionnaire: Questionnaire,
    options: Options,
    plan: Plan,
    answers_file: AnswersFile | None,
    progress: "Progress",
) -> "tuple[Written, Proof | None]":
    """Write, prove and commit the project; not proven, it is committed as well."""
    from fastapi_scaffold.writing.creation import commit, save_answers, summary, write

    with progress.busy(f"Writing {plan.shown}"):
        written = write(plan)
    progress.say(summary(plan, written))
    if answers_file:
        save_answers(answers_file, plan, written)
    if options.no_verify:
        commit(plan, written)
        return written, None
    from fastapi_scaffold.proving.proof import prove

    with progress.busy("Proving"):
        # Late enough for the lock file to be part of the first commit, early enough to be there when a check fails.
        return written, prove(
            plan.path,
            questionnaire.capabilities(plan.answers),
            installed=lambda installation: commit(plan, written, installation.detail),
            progress=progress.step,
        )
