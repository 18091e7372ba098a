"""`new`: generate a project and prove it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_scaffold import __version__
from fastapi_scaffold.answers import DETECTED, Answers, complete, default, derive, missing
from fastapi_scaffold.commands.verify import OUTCOMES
from fastapi_scaffold.errors import Cancelled, ExitCode, InvalidAnswer, ScaffoldError
from fastapi_scaffold.questions import Question, Questionnaire, load_questionnaire
from fastapi_scaffold.template import template_root

if TYPE_CHECKING:
    from fastapi_scaffold.progress import Progress
    from fastapi_scaffold.proof import Proof


@dataclass(frozen=True)
class Options:
    """How `new` was called."""

    directory: str | None
    given: Mapping[str, str]
    defaults: bool = False
    verify: bool = True
    git: bool = True
    as_json: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before anything is written."""

    destination: Path
    shown: str
    """The destination as the user would write it."""
    answers: Answers
    init_git: bool
    notes: tuple[str, ...]


def new(options: Options) -> ExitCode:
    """Generate a project as `options` say, prove it and print the report.

    Raises ScaffoldError if it cannot be generated, in which case nothing is left behind.
    """
    questionnaire = load_questionnaire(template_root())
    plan = _plan(questionnaire, options)
    from fastapi_scaffold.progress import Progress

    progress = Progress(silent=options.as_json or options.quiet)
    try:
        files = _write(plan, progress)
        proof = _prove(plan, questionnaire, progress) if options.verify else None
        if proof is None:
            _commit(plan)
    except KeyboardInterrupt as error:
        raise _cancelled(plan) from error
    return _report(questionnaire, options, plan, files, proof)


def _plan(questionnaire: Questionnaire, options: Options) -> Plan:
    from fastapi_scaffold.git import inside_work_tree, require_git
    from fastapi_scaffold.staging import check_destination

    if options.git:
        require_git()
    given = dict(options.given)
    suggested: dict[str, str] = {}
    if options.directory is not None:
        check_destination(_absolute(options.directory))
        suggested["project_name"] = _absolute(options.directory).name
    answers = _answer(questionnaire, options, given, suggested)
    shown = options.directory or derive(questionnaire, "project_slug", answers)
    destination = _absolute(shown)
    check_destination(destination)
    nested = options.git and inside_work_tree(destination)
    notes = ("It is part of the git repository around it: nothing was committed.",) if nested else ()
    return Plan(destination, shown, answers, options.git and not nested, notes)


def _absolute(directory: str) -> Path:
    try:
        return Path(directory).resolve()
    except OSError as error:
        raise ScaffoldError(
            "cannot_write", f"{directory} cannot be found: {error.strerror}.", "Change to a directory that exists."
        ) from error


def _answer(questionnaire: Questionnaire, options: Options, given: Answers, suggested: Answers) -> Answers:
    from fastapi_scaffold import wizard

    unanswered = [question for question in questionnaire.questions if question.name not in given]
    if not options.defaults and unanswered and not options.as_json and wizard.can_ask():
        return wizard.ask_all(questionnaire, given, suggested)
    unanswered = [question for question in unanswered if question.name not in suggested]
    if options.defaults or not unanswered:
        return _complete(questionnaire, given, suggested)
    # An illegal answer is worth more attention than a missing one.
    examples = {question.name: question.placeholder for question in unanswered if question.default is None}
    _complete(questionnaire, given, examples | suggested)
    raise missing(
        unanswered, "There is no terminal to ask on. Use these options, or --defaults for what they leave out."
    )


def _complete(questionnaire: Questionnaire, given: Answers, suggested: Answers) -> Answers:
    try:
        return complete(questionnaire, {**suggested, **given})
    except InvalidAnswer as error:
        name = suggested.get("project_name")
        if name is not None and "project_name" not in given and error.message.startswith("--project-name"):
            message = f"The directory's name \"{name}\" cannot be the project's name. {error.message}"
            raise InvalidAnswer(error.code, message, "Name the project with --project-name.") from error
        raise


def _write(plan: Plan, progress: "Progress") -> list[str]:
    """Put the project in its place, all or nothing, and return its files."""
    from fastapi_scaffold.dotenv import write_dotenv
    from fastapi_scaffold.engine import render
    from fastapi_scaffold.git import init
    from fastapi_scaffold.staging import staged

    with progress.busy(f"Writing {plan.shown}"), staged(plan.destination) as staging:
        render(plan.answers, staging)
        write_dotenv(staging)
        files = sorted(path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file())
        if plan.init_git:
            init(staging)
    progress.say(f"Created {plan.shown} with {len(files)} files")
    return files


def _cancelled(plan: Plan) -> Cancelled:
    from fastapi_scaffold.project import ANSWERS_FILE

    if not (plan.destination / ANSWERS_FILE).exists():
        return Cancelled()
    again = shlex.join(["fastapi-scaffold", "verify", plan.shown])
    return Cancelled(f"Cancelled, {plan.shown} was created but not proven.", f"Prove it with: {again}")


def _prove(plan: Plan, questionnaire: Questionnaire, progress: "Progress") -> "Proof":
    from fastapi_scaffold.proof import prove

    with progress.busy("Proving"):
        return prove(
            plan.destination,
            questionnaire.capabilities(plan.answers),
            # Late enough for the lock file to be part of the first commit, early enough to be there when a check fails.
            installed=lambda: _commit(plan),
            progress=progress.step,
        )


def _commit(plan: Plan) -> None:
    if plan.init_git:
        from fastapi_scaffold.git import commit_all

        try:
            commit_all(plan.destination)
        except ScaffoldError as error:
            message = f"{plan.shown} was created, but not committed: {error.message}"
            raise ScaffoldError(
                error.code, message, "Commit it yourself, then run `fastapi-scaffold verify`."
            ) from error


def _report(
    questionnaire: Questionnaire, options: Options, plan: Plan, files: list[str], proof: "Proof | None"
) -> ExitCode:
    from fastapi_scaffold.report import Created, Report, print_report

    outcome = OUTCOMES[proof.status] if proof else ExitCode.DONE
    report = Report(
        command="new",
        ok=outcome == ExitCode.DONE,
        project=str(plan.destination),
        proof=proof,
        created=Created(__version__, plan.answers, files, _command_line(questionnaire, options, plan)),
        notes=plan.notes,
        next_steps=_next_steps(plan, proof),
    )
    print_report(report, as_json=options.as_json, quiet=options.quiet)
    return outcome


def _next_steps(plan: Plan, proof: "Proof | None") -> list[str]:
    from fastapi_scaffold.project import read_tasks

    tasks = read_tasks(plan.destination)
    steps = [] if plan.destination == Path.cwd() else [shlex.join(["cd", plan.shown])]
    if proof is None or proof.status != "passed":
        steps.append("fastapi-scaffold verify")
    steps += [f"uv run poe {task}" for task in ("database", "migrate") if task in tasks]
    steps.append("uv run poe dev" if "dev" in tasks else "uv run fastapi dev")
    return steps


def _command_line(questionnaire: Questionnaire, options: Options, plan: Plan) -> str:
    """Return the command that makes the same project with the same version anywhere, without a question."""
    words = ["uvx", f"fastapi-scaffold@{__version__}", "new", plan.shown, "--defaults"]
    earlier: Answers = {}
    for question in questionnaire.questions:
        value = plan.answers[question.name]
        if question.name == DETECTED or value != _usual(questionnaire, question, earlier, plan):
            words += [question.flag, value]
        earlier[question.name] = value
    words += [] if options.git else ["--no-git"]
    return shlex.join(words)


def _usual(questionnaire: Questionnaire, question: Question, earlier: Answers, plan: Plan) -> str | None:
    return plan.destination.name if question.name == "project_name" else default(questionnaire, question, earlier)
