"""`verify`: prove a project again."""

from pathlib import Path

from fastapi_scaffold.asking.questions import Questionnaire, load_questionnaire
from fastapi_scaffold.system.directories import absolute
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.writing.template import template_root

OUTCOMES = {"passed": ExitCode.DONE, "failed": ExitCode.PROOF_FAILED, "not_proven": ExitCode.NOT_PROVEN}


def verify(directory: Path, *, as_json: bool, quiet: bool, verbose: bool = False) -> ExitCode:
    """Prove the project in `directory` and print the report. Raises ScaffoldError if there is no project."""
    questionnaire = load_questionnaire(template_root())
    project = absolute(directory)
    capabilities = recorded_capabilities(project, questionnaire)

    from fastapi_scaffold.proving.proof import prove
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.reporting.report import Report, print_report
    from fastapi_scaffold.system.shell import path_notes
    from fastapi_scaffold.updating.repository import lacks_lock, lock_command

    progress = Progress(silent=as_json or quiet)
    try:
        with progress.busy("Proving"):
            proof = prove(project, capabilities, progress=progress.step)
    except KeyboardInterrupt as error:
        raise Cancelled("Cancelled, the project was not changed.") from error
    outcome = OUTCOMES[proof.status]
    report = Report(
        "verify",
        outcome == ExitCode.DONE,
        str(project),
        proof,
        notes=() if outcome == 0 else path_notes(),
        # The first proof of a project makes it.
        next_steps=[lock_command(project)] if lacks_lock(project) else (),
    )
    print_report(report, as_json=as_json, quiet=quiet, verbose=verbose)
    return outcome


def recorded_capabilities(project: Path, questionnaire: Questionnaire) -> frozenset[str]:
    """Return what the project's recorded answers provide.

    Raises ScaffoldError if there is no usable record, or an answer in it is one that this version does not know.
    """
    from fastapi_scaffold.writing.project import read_answers

    answers = read_answers(project, questionnaire)
    for question in questionnaire.questions:
        value = answers.get(question.name)
        if value is not None and question.choices and question.choice(value) is None:
            raise ScaffoldError(
                "unknown_answer",
                f'The project was generated with {question.name} "{value}", which this version does not know.',
                "Use the version of fastapi-scaffold that generated the project, or a newer one.",
            )
    return questionnaire.capabilities(answers)
