"""`update`: bring a project to another version of the template, or change an answer, by a three-way merge."""

import json
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fastapi_scaffold.asking.answers import Answers, derive
from fastapi_scaffold.asking.questions import Questionnaire, load_questionnaire
from fastapi_scaffold.commands.verify import OUTCOMES
from fastapi_scaffold.system.directories import absolute, is_here
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.updating.recorded_answers import Carried, as_before, carry, check_record
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.actions import CONFLICT, FileAction
from fastapi_scaffold.writing.dotenv import mentioned, variables
from fastapi_scaffold.writing.project import ANSWERS_FILE, LOCK_FILE, Record, elsewhere, read_record

if TYPE_CHECKING:
    from fastapi_scaffold.proving.proof import Proof
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.system.files import Files
    from fastapi_scaffold.updating.merge import Merge, Workshop
    from fastapi_scaffold.updating.repository import Repository


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
class Options:
    """How `update` was called."""

    directory: Path
    given: Mapping[str, str] = field(default_factory=dict)
    to: str | None = None
    change: Change | None = None
    dry_run: bool = False
    diff: bool = False
    check: bool = False
    verify: bool = True
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def writes(self) -> bool:
        """Whether the project is changed, and not only looked at."""
        return not (self.dry_run or self.diff or self.check)


@dataclass(frozen=True)
class Plan:
    """Where the project comes from and where it goes, decided before anything is rendered."""

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
    def subject(self) -> str:
        """What the command is about, if not the project."""
        return self.change.subject if self.change else ""

    @property
    def done(self) -> str:
        """What then was done with that."""
        return self.change.done if self.change else "updated"


@dataclass(frozen=True)
class Update:
    """What is to be done to the project."""

    merge: "Merge"
    verdicts: Sequence[FileAction]
    diff: str
    notes: Sequence[str]
    steps: Sequence[str]
    """Commands that the user has to run before the project can be proven."""
    later: Sequence[str]
    """Commands that can wait until then."""

    @property
    def conflicts(self) -> list[str]:
        """The paths that git could not merge."""
        return [verdict.path for verdict in self.verdicts if verdict.action == CONFLICT]


def update(options: Options) -> ExitCode:
    """Update a project as `options` say, prove it and print the report.

    Raises ScaffoldError if it cannot be updated, in which case nothing was changed.
    """
    project = absolute(options.directory)
    with ExitStack() as stack:
        plan, repository = _plan(stack, project, options)
        if plan.up_to_date or repository is None:
            return _report(plan, repository, options, None, None)
        return _carry_out(stack, plan, repository, options)


def _plan(stack: ExitStack, project: Path, options: Options) -> "tuple[Plan, Repository | None]":
    """Look at the project without changing it, and decide from which version to which it goes."""
    repository = None
    if not options.check:
        repository = _open(stack, project, options)
    record = read_record(project)
    if record.source != template.SOURCE_URL:
        raise ScaffoldError(
            "foreign_template",
            f"The project was generated from {record.source}, which is not the template of this program.",
            f"Run `copier update`. For a copy of this template, write {template.SOURCE_URL} as _src_path into"
            f" {ANSWERS_FILE}, and commit.",
            ExitCode.USAGE,
        )
    versions = template.load_versions()
    old_version = versions.find(record.version)
    new_version = versions.find(_tag(options.to)) if options.to else versions.own
    if options.change:
        new_version = old_version
    if template.is_older(new_version, old_version):
        raise ScaffoldError(
            "older_version",
            f"The project is at {old_version} already, which is newer than {new_version}.",
            "Go back with git: revert the commit of the update.",
            ExitCode.USAGE,
        )
    old_root = stack.enter_context(versions.checked_out(old_version))
    new_root = old_root if new_version == old_version else stack.enter_context(versions.checked_out(new_version))
    old, new = load_questionnaire(old_root), load_questionnaire(new_root)
    check_record(old, record.texts, record.version)
    given = options.change.answers(old, record) if options.change else options.given
    carried = carry(old, new, record.texts, given)
    plan = Plan(project, record, old_version, new_version, old_root, new_root, old, new, carried, options.change)
    return plan, repository


def _open(stack: ExitStack, project: Path, options: Options) -> "Repository":
    """Return the project's repository, put in order and kept from other updates until `stack` ends."""
    from fastapi_scaffold.updating.apply import one_at_a_time
    from fastapi_scaffold.updating.repository import check_settled, open_repository

    try:
        repository = open_repository(project)
    except (ScaffoldError, OSError):
        # Whether there is a project at all is said first.
        read_record(project)
        raise
    # An interrupted update may have taken the answers file away; it is undone before anything is looked at.
    if options.writes and stack.enter_context(one_at_a_time(repository)):
        _progress(options).say("Undid an update that was interrupted")
    _check_there(project)
    check_settled(repository)
    return repository


def _check_there(project: Path) -> None:
    if not (project / ANSWERS_FILE).is_file():
        read_record(project)


def _progress(options: Options) -> "Progress":
    from fastapi_scaffold.reporting.progress import Progress

    return Progress(silent=options.as_json or options.quiet)


def _tag(version: str) -> str:
    return version if version.startswith("v") else f"v{version}"


def _carry_out(stack: ExitStack, plan: Plan, repository: "Repository", options: Options) -> ExitCode:
    """Merge, apply, prove and report; without the middle two when the project is only looked at."""
    from fastapi_scaffold.system.shell import path_notes
    from fastapi_scaffold.updating.apply import apply, take_snapshot
    from fastapi_scaffold.updating.merge import workshop
    from fastapi_scaffold.updating.repository import check_clean, check_recorded, tracked_paths

    progress = _progress(options)
    try:
        # First what the files look like, then whether that is what is committed: a later change is noticed.
        tracked = tracked_paths(repository)
        snapshot = take_snapshot(repository, tracked)
        check_clean(repository)
        check_recorded(repository, ANSWERS_FILE)
        bench = stack.enter_context(workshop(repository))
        with progress.busy(f"Merging{plan.way}"):
            result = _merge(plan, bench, options)
        _check_hidden(repository, result.merge, tracked)
        if options.writes:
            apply(bench, result.merge, snapshot)
            result = replace(result, notes=[*result.notes, *_surroundings(repository), *path_notes()])
    except KeyboardInterrupt as error:
        raise Cancelled("Cancelled, the project was not changed.") from error
    provable = not (result.conflicts or result.steps)
    proof = _prove(plan, progress) if options.writes and options.verify and provable else None
    return _report(plan, repository, options, result, proof)


def _merge(plan: Plan, bench: "Workshop", options: Options) -> Update:
    from fastapi_scaffold.system.files import read_files
    from fastapi_scaffold.updating.conflicts import judge_files, settle
    from fastapi_scaffold.updating.exclusions import exempt, kept
    from fastapi_scaffold.updating.merge import handed_over
    from fastapi_scaffold.updating.revisions.directories import Histories, look_after
    from fastapi_scaffold.writing.engine import render

    with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        before, after = Path(scratch, "old"), Path(scratch, "new")
        recorded = {question.name: plan.record.answers[question.name] for question in plan.old.questions}
        render(recorded, before, plan.old_root, plan.record.version)
        render(plan.carried.answers, after, plan.new_root, plan.new_version)
        old, new = read_files(before), read_files(after)
        brought = _brought(plan, old, new, Path(scratch, "between"))
    _check_free(plan, bench, brought, new)
    repository = bench.repository
    rows = {**plan.old.tables.get("histories", {}), **plan.new.tables.get("histories", {})}
    histories = look_after(rows, bench, old, new)
    old, new = histories.old, histories.new
    left_out = exempt(plan.project, bench.committed, old, new)
    merge = bench.merge(
        {path: file for path, file in old.items() if path not in left_out},
        {path: file for path, file in new.items() if path not in left_out},
        plan.new_version,
        brought=brought,
        aside=histories.yours,
        instead=handed_over(plan.new.tables.get("handed_over", {}), bench, old, new),
    )
    answers_file = repository.prefix + ANSWERS_FILE
    merge = settle(merge, answers_file)
    if plan.new_version == plan.old_version and merge.changed == [answers_file]:
        # The code is as it is to be, so the tables are, too.
        histories = Histories(old, new)
    verdicts = [
        replace(
            verdict, path=repository.inside(verdict.path), source=verdict.source and repository.inside(verdict.source)
        )
        for verdict in judge_files(merge, answers_file)
    ]
    return Update(
        merge=merge,
        verdicts=sorted([*verdicts, *kept(left_out, old, new, histories.kept)], key=lambda verdict: verdict.path),
        diff=_diff(bench, merge) if options.diff else "",
        notes=[*plan.notes, *_consequences(plan), *_lost(plan, bench, old), *histories.notes],
        steps=histories.steps,
        later=histories.later,
    )


def _check_free(plan: Plan, bench: "Workshop", brought: Collection[str], new: "Files") -> None:
    """Raise ScaffoldError if what an answer brings would hide a module of the user's, or `add` meet another file."""
    yours = bench.committed
    packages = {str(parent) for path in brought for parent in PurePosixPath(path).parents}
    hidden = [f"{name}.py" for name in sorted(packages) if f"{name}.py" in yours and f"{name}.py" not in new]
    met = [path for path in sorted(brought) if path in yours and plan.change and bench.file(yours[path]) != new[path]]
    for path in [*hidden, *met]:
        why = f"{path.removesuffix('.py')}/ would hide" if path in hidden else "is not what would be added"
        raise ScaffoldError(
            "name_taken",
            f"There is {path} already, which {why}. Nothing was changed.",
            "Choose another name, or another plural after a slash; or give yours another name, commit, and try again.",
            ExitCode.USAGE,
        )


def _brought(plan: Plan, old: "Files", new: "Files", scratch: Path) -> set[str]:
    """Return the paths that are new because of an answer, and not because of the version."""
    from fastapi_scaffold.system.files import read_files
    from fastapi_scaffold.writing.engine import render

    brought = new.keys() - old.keys()
    if plan.new_version == plan.old_version:
        return brought
    answers = as_before(plan.new, plan.record.texts, plan.carried.answers)
    if answers == plan.carried.answers:
        return set()
    render(answers, scratch, plan.new_root, plan.new_version)
    return brought - read_files(scratch).keys()


def _consequences(plan: Plan) -> Iterator[str]:
    """Yield what a changed answer asks of a project that is in use."""
    for name, text in plan.new.tables.get("consequences", {}).items():
        if name in plan.record.texts and name in plan.changes:
            yield str(text)


def _lost(plan: Plan, bench: "Workshop", old: "Files") -> Iterator[str]:
    """Yield which resources the answers have and the project has not, as when one branch added what another removed."""
    if "domains" not in plan.new.derived:
        return
    # What every project begins with comes first, and nobody asked for it.
    for resource in json.loads(derive(plan.new, "domains", plan.carried.answers))[1:]:
        package = f"app/{resource['plural']}/"
        before, now = (any(path.startswith(package) for path in paths) for paths in (old, bench.committed))
        if before and not now:
            yield taken_away(resource["name"], package)


def taken_away(name: str, package: str, *there: str) -> str:
    """Return what to do about the resource `name`, which the answers have and whose `package` is gone.

    `there` are the words that say where the project is, if that has not been said.
    """
    remove = typed(shlex.join(["fastapi-scaffold", "remove", name, *there]))
    return f"There is no {package} any more. If another branch removed it, let the answers know: {remove}"


def _diff(bench: "Workshop", merge: "Merge") -> str:
    """Return what the project's files would become, as a patch."""
    sides = (
        [(bench.repository.inside(path), tree[path]) for path in merge.changed if path in tree]
        for tree in (merge.yours, merge.result)
    )
    return bench.diff(*sides).decode(errors="replace")


def _check_hidden(repository: "Repository", merge: "Merge", tracked: Mapping[str, str]) -> None:
    """Raise ScaffoldError if the update would change a file with changes that git does not see."""
    from fastapi_scaffold.system.files import EXECUTABLE, PLAIN
    from fastapi_scaffold.updating.repository import check_contents

    changed = {path: merge.yours[path] for path in merge.changed if path in merge.yours}
    for path, option in tracked.items():
        if option and (path in changed or path in merge.stages):
            raise ScaffoldError(
                "hidden_changes",
                f"Git was told to ignore your changes to {path}, which the update changes. Nothing was changed.",
                f"End that with: {shlex.join(['git', '-C', str(repository.root), 'update-index', option, path])}",
            )
    check_contents(
        repository, {path: entry.oid for path, entry in changed.items() if entry.mode in {PLAIN, EXECUTABLE}}
    )


def _prove(plan: Plan, progress: "Progress") -> "Proof":
    from fastapi_scaffold.proving.proof import prove

    progress.say(f"{plan.done.capitalize()} {plan.subject or plan.project}{plan.way}")
    try:
        with progress.busy("Proving"):
            capabilities = plan.new.capabilities(plan.carried.answers)
            # Its lock file is of the time before the update.
            return prove(plan.project, capabilities, locked=False, progress=progress.step)
    except KeyboardInterrupt as error:
        raise Cancelled(
            "Cancelled, the project was updated but not proven.",
            f"Prove it with: {typed(shlex.join(['fastapi-scaffold', 'verify', *elsewhere(plan.project)]))}",
        ) from error


def _report(
    plan: Plan, repository: "Repository | None", options: Options, result: Update | None, proof: "Proof | None"
) -> ExitCode:
    from fastapi_scaffold.reporting.report import Report, Updated, print_report
    from fastapi_scaffold.updating.repository import undo_command

    outcome = _outcome(options, plan, result, proof)
    applied = result is not None and options.writes
    report = Report(
        command=plan.change.command if plan.change else "update",
        ok=outcome == ExitCode.DONE,
        project=str(plan.project),
        proof=proof,
        updated=Updated(
            from_version=plan.old_version,
            to_version=plan.new_version,
            files=result.verdicts if result else (),
            conflicts=result.conflicts if result else (),
            waits=not plan.up_to_date,
            applied=applied,
            diff=result.diff if result else "",
            undo=undo_command(repository) if applied and repository else "",
            pending=bool(result and result.steps and options.verify),
            subject=plan.subject,
            done=plan.done,
        ),
        notes=result.notes if result else (),
        next_steps=_next_steps(plan, repository, result, proof) if applied and repository and result else (),
    )
    print_report(report, as_json=options.as_json, quiet=options.quiet, verbose=options.verbose)
    return outcome


def _outcome(options: Options, plan: Plan, result: Update | None, proof: "Proof | None") -> ExitCode:
    if options.check:
        return ExitCode.DONE if plan.up_to_date else ExitCode.FAILED
    if result is None:
        return ExitCode.DONE
    if result.conflicts:
        return ExitCode.CONFLICTS
    if result.steps and options.writes and options.verify:
        return ExitCode.NOT_PROVEN
    return OUTCOMES[proof.status] if proof else ExitCode.DONE


def _surroundings(repository: "Repository") -> Iterator[str]:
    """Yield what to tell of the files that no update touches, now that those around them have changed."""
    from fastapi_scaffold.updating.repository import untracked

    if names := untracked(repository):
        yield f"Git no longer ignores {', '.join(names)}: move that away, or name it in .gitignore."


def _settings(repository: "Repository") -> Iterator[str]:
    """Yield what is to be done in `.env`, if there is one: only the user knows what is true on this machine."""
    example, own = repository.project / ".env.example", repository.project / ".env"
    if not (example.is_file() and own.is_file()):
        return
    new, mine = (path.read_text(encoding="utf-8", errors="replace") for path in (example, own))
    old = repository.git.run("show", f"HEAD:{repository.prefix}.env.example").stdout.decode(errors="replace")
    known, before, wanted = map(variables, (mine, old, new))
    changed = [name for name, value in wanted.items() if known.get(name) == before.get(name) not in {None, "", value}]
    tasks = {
        "write": [name for name in wanted if name not in known],
        "change": changed,
        "rename or delete": [name for name in known if name in mentioned(old) and name not in mentioned(new)],
    }
    if todo := "; ".join(f"{what} {', '.join(names)}" for what, names in tasks.items() if names):
        yield f"In .env, as .env.example explains: {todo}"


def _afterwards(plan: Plan, when: str) -> Iterator[str]:
    """Yield what changed answers ask for on this machine."""
    provided = plan.new.capabilities(plan.carried.answers)
    for name, rows in plan.new.tables.get("afterwards", {}).items():
        if name in plan.record.texts and name in plan.changes:
            yield from (
                row["step"] for row in rows[when] if provided >= {*row["needs"]} and not provided & {*row["lacks"]}
            )


def _message(plan: Plan) -> str:
    if plan.change:
        return f"{plan.change.command.capitalize()} {plan.change.subject}"
    if plan.old_version != plan.new_version:
        return f"Update to fastapi-scaffold {plan.new_version.removeprefix('v')}"
    return f"Change {', '.join(f'{name}={value}' for name, value in plan.changes.items())}"


def _next_steps(plan: Plan, repository: "Repository", result: Update, proof: "Proof | None") -> list[str]:
    from fastapi_scaffold.updating.repository import tracked_paths

    steps = []
    tracked = tracked_paths(repository)
    lock, pyproject = (repository.prefix + name for name in (LOCK_FILE, "pyproject.toml"))
    if not is_here(plan.project):
        steps.append(shlex.join(["cd", str(plan.project)]))
    if result.conflicts:
        steps.append("Edit the files with conflicts, then: " + shlex.join(["git", "add", "--", *result.conflicts]))
    steps += [*_settings(repository), *_afterwards(plan, "before")]
    if proof is None and lock in tracked and pyproject in result.merge.changed:
        # A proof would have brought it up to date.
        steps.append("uv lock")
    steps += result.steps
    broken = [step for step in proof.steps if step.status in {"failed", "not_proven"}] if proof else []
    steps += dict.fromkeys(step.remedy for step in broken if step.remedy)
    if proof is None or proof.status != "passed":
        steps.append("fastapi-scaffold verify")
    later = [*result.later, *_afterwards(plan, "later")]
    steps += [step for step in dict.fromkeys(later) if step not in result.steps]
    if lock not in tracked:
        # The first proof of a project makes it.
        steps.append(shlex.join(["git", "add", LOCK_FILE]))
    message = ["--message", _message(plan)]
    # Beside a project in a directory other work may be staged.
    steps.append(shlex.join(["git", "commit", *message, *(["--", "."] if repository.prefix else ["--all"])]))
    return steps
