"""Prove a project again: install it, run its own checks, and say which practices its tests prove."""

from dataclasses import dataclass

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.commands.options import Output, Project
from fastapi_scaffold.system.directories import absolute
from fastapi_scaffold.system.errors import Cancelled, ExitCode
from fastapi_scaffold.writing.project import find_project, recorded_capabilities
from fastapi_scaffold.writing.template import template_root


@dataclass(frozen=True, kw_only=True)
class Options(Output):
    """How `verify` was called."""

    directory: Project = None


def run(options: Options) -> ExitCode:
    """Prove a project and print the report. Raises ScaffoldError if there is no project."""
    project = absolute(find_project(options.directory))
    capabilities = recorded_capabilities(project, load_questionnaire(template_root()))

    from fastapi_scaffold.proving.proof import prove
    from fastapi_scaffold.reporting.printing import print_report
    from fastapi_scaffold.reporting.progress import Progress
    from fastapi_scaffold.reporting.report import Report
    from fastapi_scaffold.system.shell import path_notes
    from fastapi_scaffold.updating.repository import lacks_lock, lock_command

    progress = Progress(silent=options.silent)
    try:
        with progress.busy("Proving"):
            proof = prove(project, capabilities, progress=progress.step)
    except KeyboardInterrupt as error:
        raise Cancelled("Cancelled, the project was not changed.") from error
    report = Report(
        "verify",
        proof.exit_code == ExitCode.DONE,
        str(project),
        proof,
        notes=() if proof.exit_code == ExitCode.DONE else path_notes(),
        # The first proof of a project makes it.
        next_steps=[lock_command(project)] if lacks_lock(project) else (),
    )
    print_report(report, options)
    return proof.exit_code
