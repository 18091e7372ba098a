"""`new`: generate a project and prove it."""

import errno
import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_scaffold import __version__
from fastapi_scaffold.asking.answers import (
    DETECTED,
    Answers,
    check_given,
    complete,
    default,
    derive,
    format_file,
    missing,
)
from fastapi_scaffold.asking.personal import Preferred, load_defaults, load_last_answers, save_last_answers
from fastapi_scaffold.asking.questions import Question, Questionnaire, load_questionnaire
from fastapi_scaffold.commands.verify import OUTCOMES
from fastapi_scaffold.system.directories import is_here
from fastapi_scaffold.system.errors import Cancelled, ExitCode, InvalidAnswer, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.destination import Destination, ask_destination, check_policy, find_destination
from fastapi_scaffold.writing.staging import check_writable
from fastapi_scaffold.writing.template import template_root

if TYPE_CHECKING:
    from fastapi_scaffold.asking.wizard import Preview
    from fastapi_scaffold.proving.proof import Proof
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.writing.actions import FileAction


# What is done with git at the destination, if anything.
INIT, COMMIT = "init", "commit"


@dataclass(frozen=True)
class Options:
    """How `new` was called."""

    directory: str | None
    given: Mapping[str, str]
    defaults: bool = False
    config: bool = True
    on_existing: str | None = None
    save_answers: Path | None = None
    dry_run: bool = False
    diff: bool = False
    verify: bool = True
    git: bool = True
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def writes(self) -> bool:
        """Whether a project is made, and not only shown."""
        return not (self.dry_run or self.diff)


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before anything is written."""

    place: Destination
    answers: Answers
    git: str
    """Whether a repository is made and the project committed in it, or committed in the one that is there."""
    notes: tuple[str, ...]
    command_line: str

    @property
    def destination(self) -> Path:
        """Where the project goes."""
        return self.place.destination

    @property
    def shown(self) -> str:
        """The destination as the user would write it."""
        return self.place.shown

    @property
    def done(self) -> str:
        """What can be said once the project is in its place."""
        return f"the project was merged into {self.shown}" if self.place.merges else f"{self.shown} was created"


@dataclass
class Written:
    """What happens to the files, and what they contain if somebody asked."""

    files: "list[FileAction]" = field(default_factory=list)
    patch: str = ""


def new(options: Options) -> ExitCode:
    """Generate a project as `options` say, prove it and print the report.

    Raises ScaffoldError if it cannot be generated, in which case nothing is left behind.
    """
    questionnaire = load_questionnaire(template_root())
    from fastapi_scaffold.reporting.progress import Progress

    progress = Progress(silent=options.as_json or options.quiet)
    plan = _plan(questionnaire, options, progress)
    if not options.writes:
        return _report(options, plan, _look(plan, with_patch=options.diff), None)
    try:
        written = _write(plan, progress)
        _save_answers(options, plan, written)
        proof = _prove(plan, written, questionnaire, progress) if options.verify else None
        if proof is None:
            _commit(plan, written)
    except KeyboardInterrupt as error:
        raise _cancelled(plan) from error
    return _report(options, plan, written, proof)


# ── Deciding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plan(questionnaire: Questionnaire, options: Options, progress: "Progress") -> Plan:
    from fastapi_scaffold.asking import wizard
    from fastapi_scaffold.system.git import require_git

    if options.git:
        require_git()
    check_policy(options.on_existing)
    _check_savable(options)
    check_given(questionnaire, options.given)
    personal = load_defaults(questionnaire) if options.config else {}
    silent = options.defaults or options.as_json or wizard.cannot_ask()
    if _unanswered(questionnaire, options.given) and not silent:
        return _ask(questionnaire, options, personal)
    suggested: Answers = {}
    if options.directory is not None:
        place = find_destination(options.directory, options.on_existing)
        suggested["project_name"] = place.destination.name
    preferred = Preferred(questionnaire, personal)
    answers = _answer(questionnaire, options, suggested, preferred)
    for line in preferred.announcement():
        progress.say(line)
    if options.directory is None:
        place = find_destination(derive(questionnaire, "project_slug", answers), options.on_existing)
    return _decide(questionnaire, options, place, answers)


def _check_savable(options: Options) -> None:
    """Raise ScaffoldError if the answers cannot be saved where they shall be."""
    from fastapi_scaffold.writing.staging import cannot_write

    path = options.save_answers
    try:
        if path is not None and (number := _unsavable(path, options.directory)):
            raise cannot_write(path, OSError(number, ""))
    except OSError as error:
        raise cannot_write(str(path), error) from error


def _unsavable(path: Path, directory: str | None) -> int:
    """Return the number of the error with which writing the file `path` would fail, or nothing."""
    # Beside the project's own files it may be: that directory is there in time.
    if directory is not None and path.parent.resolve() == Path(directory).resolve():
        return 0
    there = path if path.exists() else path.parent
    problems = {
        errno.EISDIR: path.is_dir(),
        errno.ENOENT: not there.exists(),
        errno.ENOTDIR: not path.parent.is_dir(),
        errno.EACCES: not os.access(there, os.W_OK),
    }
    return next((number for number, found in problems.items() if found), 0)


def _ask(questionnaire: Questionnaire, options: Options, personal: Answers) -> Plan:
    """Let the user answer and confirm."""
    from fastapi_scaffold.asking.wizard import Wizard

    suggested: Answers = {}
    place = None
    if options.directory is not None:
        try:
            place = _settle(options, options.directory, back=False)
        except (KeyboardInterrupt, EOFError) as error:
            raise Cancelled from error
        suggested["project_name"] = place.destination.name
    plans: dict[tuple[str, ...], Plan] = {}

    def preview(answers: Answers) -> "Preview":
        key = tuple(answers.values())
        if key not in plans:
            here = place or _settle(options, derive(questionnaire, "project_slug", answers), back=True)
            plans[key] = _decide(questionnaire, options, here, answers)
        return _preview(plans[key], options)

    last = load_last_answers(questionnaire)
    answers = Wizard(questionnaire, options.given, _usable(questionnaire, suggested), personal, last).run(preview)
    if options.writes:
        save_last_answers({question.name: answers[question.name] for question in questionnaire.questions})
    return plans[tuple(answers.values())]


def _settle(options: Options, shown: str, *, back: bool) -> Destination:
    """Return where the project goes, asking if something is there and no option says what to do."""
    return find_destination(shown, options.on_existing) if options.on_existing else ask_destination(shown, back=back)


def _usable(questionnaire: Questionnaire, suggested: Answers) -> Answers:
    """Leave out the name of a directory that no project can have; the wizard asks then."""
    try:
        check_given(questionnaire, suggested)
    except InvalidAnswer:
        return {}
    return suggested


def _preview(plan: Plan, options: Options) -> "Preview":
    from fastapi_scaffold.asking.wizard import Preview
    from fastapi_scaffold.writing.preview import summary_lines, tree_lines

    files = _look(plan).files

    def show_files() -> None:
        print("", f"{plan.destination}/", *tree_lines(files), "", sep="\n")  # noqa: T201 - between two screens

    title = f"{plan.answers['project_name']} in {plan.destination}"
    offer = "Merge the project into your files" if plan.place.merges else "Create the project"
    offer = offer if options.writes else "Show what would be written"
    return Preview(title, offer, plan.command_line, [*summary_lines(files), *plan.notes], show_files)


def _decide(questionnaire: Questionnaire, options: Options, place: Destination, answers: Answers) -> Plan:
    check_writable(place.destination)
    git, notes = _git(place) if options.git else ("", ())
    return Plan(place, answers, git, notes, _command_line(questionnaire, options, place, answers))


def _git(place: Destination) -> tuple[str, tuple[str, ...]]:
    """Return what is done with git, and what to tell of what is not."""
    from fastapi_scaffold.system.git import has_commit, work_tree

    top = work_tree(place.destination)
    if top not in {None, place.destination}:
        return "", ("It is part of the git repository around it: committing is left to you.",)
    if place.merges:
        return "", ("Your files and the project's go together: committing is left to you.",)
    if top is None:
        return INIT, ()
    if has_commit(top):
        return "", ("There are commits in the repository already: this one is left to you.",)
    return COMMIT, ()


def _answer(
    questionnaire: Questionnaire, options: Options, suggested: Mapping[str, str], preferred: Preferred
) -> Answers:
    """Return the answers of a run in which nobody can be asked."""
    from fastapi_scaffold.asking.wizard import cannot_ask

    unanswered = _unanswered(questionnaire, {**suggested, **options.given})
    if options.defaults or not unanswered:
        return _complete(questionnaire, options.given, suggested, preferred)
    # An illegal answer is worth more attention than a missing one.
    examples = {question.name: question.placeholder for question in unanswered if question.default is None}
    _complete(questionnaire, options.given, {**examples, **suggested}, preferred)
    why = cannot_ask() or "With --json nothing is asked."
    raise missing(unanswered, f"{why} Use these options, or --defaults for what they leave out.")


def _unanswered(questionnaire: Questionnaire, given: Mapping[str, str]) -> list[Question]:
    """Return the questions that need an answer, and of which `given` says nothing."""
    return [question for question in questionnaire.questions if question.required and question.name not in given]


def _complete(
    questionnaire: Questionnaire, given: Mapping[str, str], suggested: Mapping[str, str], preferred: Preferred
) -> Answers:
    try:
        return complete(questionnaire, {**suggested, **given}, preferred)
    except InvalidAnswer as error:
        name = suggested.get("project_name")
        if name is not None and "project_name" not in given and error.message.startswith("--project-name"):
            message = f"The directory's name \"{name}\" cannot be the project's name. {error.message}"
            raise InvalidAnswer(error.code, message, "Name the project with --project-name.") from error
        raise preferred.explain(error) from error


def _command_line(questionnaire: Questionnaire, options: Options, place: Destination, answers: Answers) -> str:
    """Return the command that makes the same project anywhere with this version, without a question."""
    words = ["fastapi-scaffold", "new", place.shown, "--defaults", "--no-config"]
    earlier: Answers = {}
    for question in questionnaire.questions:
        value = answers[question.name]
        if question.name == DETECTED or value != _usual(questionnaire, question, earlier, place):
            words += [question.flag, value]
        earlier[question.name] = value
    words += ["--on-existing", place.policy] if place.merges else []
    words += [] if options.git else ["--no-git"]
    return typed(shlex.join(words))


def _usual(questionnaire: Questionnaire, question: Question, earlier: Answers, place: Destination) -> str | None:
    return place.destination.name if question.name == "project_name" else default(questionnaire, question, earlier)


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fill(plan: Plan, staging: Path) -> "list[FileAction]":
    """Make the project in `staging`, and return what happens to each file at the destination."""
    from fastapi_scaffold.writing.dotenv import write_dotenv
    from fastapi_scaffold.writing.engine import render
    from fastapi_scaffold.writing.ignoring import protect
    from fastapi_scaffold.writing.preview import compare

    render(plan.answers, staging)
    write_dotenv(staging)
    protect(staging, plan.destination)
    return compare(staging, plan.destination, replace=plan.place.policy == "overwrite")


def _look(plan: Plan, *, with_patch: bool = False) -> Written:
    """Do everything but put the project in its place."""
    from fastapi_scaffold.writing.preview import patch

    with tempfile.TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        files = _fill(plan, Path(scratch))
        return Written(files, patch(Path(scratch), plan.destination, files) if with_patch else "")


def _write(plan: Plan, progress: "Progress") -> Written:
    """Put the project in its place, all or nothing."""
    from fastapi_scaffold.system.git import init
    from fastapi_scaffold.writing.preview import leave_out
    from fastapi_scaffold.writing.staging import staged

    with progress.busy(f"Writing {plan.shown}"), staged(plan.destination, merge=plan.place.merges) as staging:
        files = _fill(plan, staging)
        leave_out(staging, files)
        if plan.git == INIT:
            init(staging)
    progress.say(_created(plan, files))
    return Written(files)


def _created(plan: Plan, files: "Sequence[FileAction]") -> str:
    if plan.place.merges:
        from fastapi_scaffold.writing.preview import count

        return f"Merged into {plan.shown}: {count(files)}"
    return f"Created {plan.shown} with {len(files)} files"


def _save_answers(options: Options, plan: Plan, written: Written) -> None:
    if options.save_answers is None:
        return
    try:
        options.save_answers.write_text(format_file(plan.answers), encoding="utf-8")
    except OSError as error:
        _commit(plan, written)
        reason = f"{options.save_answers} cannot be written: {error.strerror}"
        message = f"{plan.done} but not proven, for {reason}."
        hint = f"Prove it with: {_again(plan)}\nThe answers are in its .copier-answers.yml."
        raise ScaffoldError("cannot_write", message, hint) from error


def _cancelled(plan: Plan) -> Cancelled:
    from fastapi_scaffold.writing.project import ANSWERS_FILE

    if not (plan.destination / ANSWERS_FILE).exists():
        return Cancelled()
    return Cancelled(f"Cancelled, {plan.done} but not proven.", f"Prove it with: {_again(plan)}")


def _again(plan: Plan) -> str:
    return typed(shlex.join(["fastapi-scaffold", "verify", plan.shown]))


def _prove(plan: Plan, written: Written, questionnaire: Questionnaire, progress: "Progress") -> "Proof":
    from fastapi_scaffold.proving.proof import prove

    with progress.busy("Proving"):
        return prove(
            plan.destination,
            questionnaire.capabilities(plan.answers),
            # Late enough for the lock file to be part of the first commit, early enough to be there when a check fails.
            installed=lambda: _commit(plan, written),
            progress=progress.step,
        )


def _commit(plan: Plan, written: Written) -> None:
    if plan.git:
        from fastapi_scaffold.system.git import commit
        from fastapi_scaffold.writing.preview import SECRETS
        from fastapi_scaffold.writing.project import LOCK_FILE

        paths = {file.path for file in written.files} - {SECRETS}
        paths |= {LOCK_FILE} if (plan.destination / LOCK_FILE).is_file() else set()
        try:
            commit(plan.destination, sorted(paths))
        except ScaffoldError as error:
            message = f"{plan.done}, but not committed: {error.message}"
            raise ScaffoldError(error.code, message, f"Commit it yourself, then run `{_again(plan)}`.") from error


def _report(options: Options, plan: Plan, written: Written, proof: "Proof | None") -> ExitCode:
    from fastapi_scaffold.reporting.report import Created, Report, print_report
    from fastapi_scaffold.system.shell import path_notes

    outcome = OUTCOMES[proof.status] if proof else ExitCode.DONE
    created = Created(
        template_version=__version__,
        answers=plan.answers,
        files=written.files,
        command_line=plan.command_line,
        merged=plan.place.merges,
        written=options.writes,
        tree=options.dry_run,
        patch=written.patch,
    )
    report = Report(
        command="new",
        ok=outcome == ExitCode.DONE,
        project=str(plan.destination),
        proof=proof,
        created=created,
        notes=[*plan.notes, *path_notes()] if options.writes else _would_save(options),
        next_steps=_next_steps(plan, proof) if options.writes else (),
    )
    print_report(report, as_json=options.as_json, quiet=options.quiet, verbose=options.verbose)
    return outcome


def _would_save(options: Options) -> list[str]:
    return [f"{options.save_answers} would hold the answers."] if options.save_answers else []


def _next_steps(plan: Plan, proof: "Proof | None") -> list[str]:
    """Return what is left to do, and nothing that is done."""
    from fastapi_scaffold.writing.project import read_tasks

    tasks = read_tasks(plan.destination)
    steps = [] if is_here(plan.destination) else [shlex.join(["cd", plan.shown])]
    proven = proof is not None and proof.status == "passed"
    steps += [] if proven else ["fastapi-scaffold verify"]
    steps += [f"uv run poe {task}" for task in ("database", "migrate") if task in tasks]
    steps.append(("uv run poe dev" if "dev" in tasks else "uv run fastapi dev") + "  # http://127.0.0.1:8000/docs")
    steps += ["fastapi-scaffold add NAME FIELD:TYPE...  # a resource of your own"] if proven else []
    return steps
