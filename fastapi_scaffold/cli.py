"""The command line: parses arguments, hands over to a command, and turns what goes wrong into an exit code."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from fastapi_scaffold import __version__
from fastapi_scaffold.asking.questions import Question, load_questionnaire
from fastapi_scaffold.system.console import marked_streams, print_error
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.destination import POLICIES
from fastapi_scaffold.writing.template import template_root

PROGRAM = "fastapi-scaffold"
EPILOG = """\b
Exit codes:
  0    done
  1    failed
  2    wrong usage, or answers that are invalid or do not fit together
  3    the proof failed; the project is kept
  4    an update left conflicts, or would
  5    not proven: something is missing, such as the network, uv, a test, or
       a migration that only you can write
  130  cancelled"""

NEW_HELP = """Generate a project and prove it. Asks on a terminal, unless every question is answered.

An answer comes from the first of these that has it: its own option, --data, --answers, what you say when asked, your
defaults in the configuration file (`fastapi-scaffold info` names it), the template's defaults.
"""

UPDATE_HELP = """Bring a project to the version of this program, change its answers, or both.

Git merges what changed in the template into what is yours. The project has to be committed first; afterwards nothing
is committed, and the report says how to undo the update.
"""

ADD_HELP = """Add a resource to a project: its code, its tests and its migration, merged into what is yours.

For instance: fastapi-scaffold add invoice number:str:unique paid_at:datetime:optional customer:ref:customer
"""

REMOVE_HELP = """Remove a resource from a project. Its table stays until you write the migration that drops it."""

VERIFY_HELP = """Prove a project again: install it, run its own checks, and say which practices its tests prove."""


def _filled(directory: str) -> str:
    """Refuse a name that is empty, as an unset variable makes it: to the system that is the current directory."""
    if not directory.strip():
        raise typer.BadParameter("It is empty.")
    return directory


def _directory(directory: Path | str) -> Path:
    """Return what was named, or the default."""
    return Path(_filled(str(directory)))


_PROJECT: dict[str, Any] = {
    "metavar": "DIRECTORY",
    "help": "The project. Default: the one you are in.",
    "parser": _directory,
    "show_default": False,
}
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print one line, the outcome.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Report each practice with its test.")]
Project = Annotated[Path | None, typer.Argument(**_PROJECT)]
Here = Annotated[Path | None, typer.Option("--project", "-p", **_PROJECT)]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Do not prove the project.")]
Verdicts = Annotated[bool, typer.Option("--dry-run", help="Say what would happen to each file, and change nothing.")]
Patch = Annotated[bool, typer.Option("--diff", help="Show the changes as a patch, and change nothing.")]
Data = Annotated[
    list[str] | None,
    typer.Option("--data", "-d", metavar="NAME=VALUE", help="Answer a question. Repeatable.", show_default=False),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _new(
    directory: Annotated[
        str | None,
        typer.Argument(
            metavar="DIRECTORY", help="Where. Default: named after the project.", parser=_filled, show_default=False
        ),
    ] = None,
    *,
    defaults: Annotated[bool, typer.Option("--defaults", "-y", help="Ask nothing; take the defaults.")] = False,
    data: Data = None,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="Read answers, YAML or JSON; - is stdin.", show_default=False),
    ] = None,
    save_answers: Annotated[
        Path | None, typer.Option("--save-answers", metavar="FILE", help="Write all answers.", show_default=False)
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Leave out your own defaults.")] = False,
    on_existing: Annotated[
        str | None,
        typer.Option(
            metavar="error|rename|merge|overwrite",
            help="What to do where there are files already. Without a terminal: error.",
            show_default=False,
            autocompletion=lambda incomplete: [name for name in POLICIES if name.startswith(incomplete)],
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be written, and write nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what would be written, and write nothing.")] = False,
    no_verify: NoVerify = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Do not create a git repository.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    **flags: str | None,
) -> int:
    from fastapi_scaffold.asking.answers import parse_data, read_file
    from fastapi_scaffold.commands.new import Options, new

    given = (read_file(answers) if answers else {}) | parse_data(data or [])
    given |= {name: value for name, value in flags.items() if value is not None}
    return new(
        Options(
            directory,
            given,
            defaults,
            config=not no_config,
            on_existing=on_existing,
            save_answers=save_answers,
            dry_run=dry_run,
            diff=diff,
            verify=not no_verify,
            git=not no_git,
            as_json=as_json,
            quiet=quiet,
            verbose=verbose,
        )
    )


def _update(
    directory: Project = None,
    *,
    data: Data = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="To this version, not the newest.", show_default=False)
    ] = None,
    dry_run: Verdicts = False,
    diff: Patch = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 0 when up to date and 1 when an update waits.")
    ] = False,
    no_verify: NoVerify = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    **flags: str | None,
) -> int:
    from fastapi_scaffold.asking.answers import parse_data
    from fastapi_scaffold.commands.update import Options, update
    from fastapi_scaffold.writing.project import find_project

    return update(
        Options(
            find_project(directory),
            parse_data(data or []) | {name: value for name, value in flags.items() if value is not None},
            to,
            dry_run=dry_run,
            diff=diff,
            check=check,
            verify=not no_verify,
            as_json=as_json,
            quiet=quiet,
            verbose=verbose,
        )
    )


def _add(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="What one of it is called; NAME/PLURAL for another plural.", show_default=False
        ),
    ],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD:TYPE", help="What it has, at least one field.", show_default=False),
    ] = None,
    *,
    project: Here = None,
    dry_run: Verdicts = False,
    diff: Patch = False,
    no_verify: NoVerify = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    from fastapi_scaffold.commands.resources import add
    from fastapi_scaffold.commands.update import Options
    from fastapi_scaffold.writing.project import find_project

    options = Options(
        find_project(project),
        dry_run=dry_run,
        diff=diff,
        verify=not no_verify,
        as_json=as_json,
        quiet=quiet,
        verbose=verbose,
    )
    return add(options, name, fields or [])


def _remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What one of it is called.", show_default=False)],
    *,
    project: Here = None,
    dry_run: Verdicts = False,
    diff: Patch = False,
    no_verify: NoVerify = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    from fastapi_scaffold.commands.resources import remove
    from fastapi_scaffold.commands.update import Options
    from fastapi_scaffold.writing.project import find_project

    options = Options(
        find_project(project),
        dry_run=dry_run,
        diff=diff,
        verify=not no_verify,
        as_json=as_json,
        quiet=quiet,
        verbose=verbose,
    )
    return remove(options, name)


def _verify(
    directory: Project = None,
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    from fastapi_scaffold.commands.verify import verify
    from fastapi_scaffold.writing.project import find_project

    return verify(find_project(directory), as_json=as_json, quiet=quiet, verbose=verbose)


def _practices(
    practice: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The practice to explain. Default: list all.", show_default=False),
    ] = None,
    *,
    as_json: Json = False,
) -> int:
    from fastapi_scaffold.commands.practices import practices

    return practices(practice, as_json=as_json)


def _questions(*, as_json: Annotated[bool, typer.Option("--json", help="Print a JSON Schema.")] = False) -> int:
    from fastapi_scaffold.commands.questions import questions

    return questions(as_json=as_json)


def _info(*, as_json: Json = False) -> int:
    from fastapi_scaffold.commands.info import info

    return info(as_json=as_json)


@dataclass(frozen=True)
class Command:
    """One of the commands, as `--help` describes it."""

    run: Callable[..., int]
    help: str
    short_help: str | None = None
    """What the list of the commands says, where that is another text."""
    asks: bool = False
    """Whether it has an option for each question."""
    explains: str = ""
    """The question whose notation its help explains."""
    proves: bool = True
    """Whether it ends with any of the exit codes."""


COMMANDS = {
    "new": Command(_new, NEW_HELP, "Generate a project and prove it.", asks=True),
    "update": Command(_update, UPDATE_HELP, "Bring a project to this version, or change an answer.", asks=True),
    "add": Command(_add, ADD_HELP, "Add a resource to a project.", explains="resources"),
    "remove": Command(_remove, REMOVE_HELP, "Remove a resource from a project."),
    "verify": Command(_verify, VERIFY_HELP, "Prove a project again."),
    "practices": Command(_practices, "List the practices, or explain one.", proves=False),
    "questions": Command(_questions, "List the questions with their choices.", proves=False),
    "info": Command(_info, "Versions and paths, for a bug report.", proves=False),
}


def _with_flags(command: Callable[..., int], questions: Sequence[Question]) -> Callable[..., int]:
    """Return `command` with an option for each question, in place of its `**flags`."""

    @functools.wraps(command)
    def with_flags(**arguments: Any) -> int:
        return command(**arguments)

    signature = inspect.signature(command)
    fixed = [item for item in signature.parameters.values() if item.kind is not inspect.Parameter.VAR_KEYWORD]
    flags = [
        inspect.Parameter(
            question.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, _option(question)],
        )
        for question in questions
    ]
    # A function's own attribute, which neither type checker knows.
    vars(with_flags)["__signature__"] = signature.replace(parameters=[*fixed, *flags])
    return with_flags


def _option(question: Question) -> Any:
    def complete(incomplete: str) -> list[tuple[str, str]]:
        return [(choice.value, choice.hint) for choice in question.choices if choice.value.startswith(incomplete)]

    # A plain text, although there are choices: whether it is legal is for the one validator to say.
    return typer.Option(
        question.flag,
        metavar="|".join(question.values) or "TEXT",
        help=question.help,
        show_default=False,
        autocompletion=complete,
    )


def _build(arguments: Sequence[str]) -> typer.Typer:
    """Return the application, with no more in it than `arguments` ask for."""
    # Typer imports Pydantic, for 70 ms, to read the program's own --help and completion options where they are absent.
    alone = not arguments or arguments[0].startswith("-")
    app = typer.Typer(
        name=PROGRAM,
        epilog=EPILOG,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        subcommand_metavar="COMMAND",
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=alone,
        add_help_option=alone,
    )
    # Without arguments it may be a shell that asks how to complete them.
    called = [command for name, command in COMMANDS.items() if name in arguments]
    asked = not arguments or any(command.asks or command.explains for command in called)
    questions = load_questionnaire(template_root()).questions if asked else ()
    app.callback(help="Generate FastAPI projects that prove the practices they follow.")(_root)
    for name, command in COMMANDS.items():
        call = _with_flags(command.run, questions) if command.asks else command.run
        help_ = command.help + _explanation(questions, command.explains)
        app.command(name, help=help_, short_help=command.short_help, epilog=EPILOG if command.proves else None)(call)
    return app


def _explanation(questions: Sequence[Question], name: str) -> str:
    """Return paragraphs of a help text with the notation of the question `name`, and its rules."""
    notation = next((question.notation for question in questions if question.name == name), None)
    if notation is None:
        return ""
    table = "\n".join(["\n\b", notation.form, *(f"  {line}" for line in notation.lines())])
    return "\n\n".join([table, *notation.rules])


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return the exit code. Raises nothing that a user can cause."""
    as_json = "--json" in arguments
    try:
        with marked_streams():
            command = typer.main.get_command(_build(arguments))
            result = command.main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
            sys.stdout.flush()
        # The framework turns a Ctrl-C that no command has explained into this number.
        if result != ExitCode.CANCELLED:
            return int(result or 0)
        failure: ScaffoldError = Cancelled()
    except ScaffoldError as error:
        failure = error
    except TyperException as error:
        failure = _usage_error(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        failure = Cancelled()
    except BrokenPipeError:
        return ExitCode.FAILED
    except SystemExit as error:
        # So the framework ends after a completion, and when a reader has left.
        return int(error.code or 0)
    except Exception as error:  # noqa: BLE001 - the last resort: one line in the agreed form, whatever happens
        failure = _internal_error(error)
    # Where standard output takes nothing, JSON is of no use to anybody.
    with suppress(OSError):
        print_error(failure, as_json=as_json and failure.code != "cannot_print")
    return failure.exit_code


def _usage_error(error: TyperException, arguments: Sequence[str]) -> ScaffoldError:
    from fastapi_scaffold.asking.answers import did_you_mean

    command = next((word for word in arguments if word in COMMANDS), "")
    hint = f"See `{typed(' '.join(filter(None, [PROGRAM, command, '--help'])))}`."
    unknown = getattr(error, "option_name", None)
    if unknown is not None and type(error).__name__ == "NoSuchOption":
        near = _misplaced(error, unknown, command)
        near = near or did_you_mean(unknown, getattr(error, "possibilities", None) or ())
        return ScaffoldError("unknown_option", f"There is no option {unknown}.", near or hint, ExitCode.USAGE)
    return ScaffoldError("usage", error.format_message(), hint, ExitCode.USAGE)


def _misplaced(error: TyperException, option: str, command: str) -> str:
    """Return where `option` belongs if it stands where only those of the program itself do."""
    commands = getattr(getattr(getattr(error, "ctx", None), "command", None), "commands", {})
    having = [name for name, candidate in commands.items() if any(option in each.opts for each in candidate.params)]
    if command in having:
        return f"Write it after the command: {typed(f'{PROGRAM} {command} {option}')}"
    return f"Write it after a command, such as {typed(f'{PROGRAM} {having[0]} {option}')}" if having else ""


def _internal_error(error: Exception) -> ScaffoldError:
    import traceback

    if os.environ.get("FASTAPI_SCAFFOLD_TRACEBACK"):
        traceback.print_exception(error)
    return ScaffoldError(
        "internal_error",
        f"{type(error).__name__}: {error}",
        "This is a bug; please report it with the output under FASTAPI_SCAFFOLD_TRACEBACK=1.",
    )
