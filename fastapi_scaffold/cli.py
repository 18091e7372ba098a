"""The command line: parses arguments, hands over to a command, and turns what goes wrong into an exit code."""

import inspect
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from fastapi_scaffold import __version__
from fastapi_scaffold.asking.questions import Question, load_questionnaire
from fastapi_scaffold.system.console import marked_streams, print_error
from fastapi_scaffold.system.errors import Cancelled, ExitCode, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.template import template_root

PROGRAM = "fastapi-scaffold"
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
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


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--version", "-V", help="Show the version and exit.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@dataclass(frozen=True)
class Command:
    """One of the commands, which is the module of its name: `Options` is its signature, `run` runs it."""

    help: str
    """What the list of the commands says."""
    asks: bool = False
    """Whether it has an option for each question."""
    explains: str = ""
    """The question whose notation its help explains."""
    proves: bool = True
    """Whether it ends with any of the exit codes."""

    @property
    def epilog(self) -> str | None:
        """What stands at the end of its help."""
        return EPILOG if self.proves else None


COMMANDS = {
    "new": Command("Generate a project and prove it.", asks=True),
    "update": Command("Bring a project to this version, or change an answer.", asks=True),
    "add": Command("Add a resource to a project.", explains="resources"),
    "remove": Command("Remove a resource from a project."),
    "verify": Command("Prove a project again."),
    "practices": Command("List the practices, or explain one.", proves=False),
    "questions": Command("List the questions with their choices.", proves=False),
    "info": Command("Versions and paths, for a bug report.", proves=False),
}


class _Once(TyperCommand):
    """A command that takes each option once: of two answers to one question none may be dropped in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse `args`. Raises ScaffoldError for an option that is there twice."""
        # Completion looks at a line that is not finished.
        given = [] if ctx.resilient_parsing else self.make_parser(ctx).parse_args(args=[*args])[2]
        for option, number in Counter(given).items():
            if number > 1 and not (getattr(option, "is_flag", True) or option.multiple):
                hint = f"Give it once. See `{typed(f'{ctx.command_path} --help')}`."
                raise ScaffoldError("usage", f"{option.opts[0]} is given {number} times.", hint, ExitCode.USAGE)
        return super().parse_args(ctx, args)


def _callable(module: ModuleType, questions: Sequence[Question]) -> Callable[..., int]:
    """Return a function that runs a command, with the fields of its `Options` and an option for each question."""
    flags = {question.name: _option(question) for question in questions}

    def call(**arguments: Any) -> int:
        given = {name: arguments.pop(name) for name in flags}
        if flags:
            arguments["flags"] = {name: value for name, value in given.items() if value is not None}
        return int(module.run(module.Options(**arguments)))

    # A function's own attribute, which neither type checker knows.
    vars(call)["__signature__"] = inspect.Signature(
        [
            *_parameters(module.Options),
            *(
                inspect.Parameter(name, _KEYWORD, default=None, annotation=Annotated[str | None, option])
                for name, option in flags.items()
            ),
        ]
    )
    return call


def _parameters(options: Any) -> Iterator[inspect.Parameter]:
    """Yield a parameter for each field of a dataclass: its own, and then those of what it is derived from."""
    known = {field.name: field for field in fields(options)}
    names = dict.fromkeys(name for base in options.__mro__ for name in inspect.get_annotations(base))
    for name in names:
        if name != "flags":
            default = inspect.Parameter.empty if known[name].default is MISSING else known[name].default
            yield inspect.Parameter(name, _KEYWORD, default=default, annotation=known[name].type)


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
        suggest_commands=False,
        subcommand_metavar="COMMAND",
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=alone,
        add_help_option=alone,
    )
    # Without arguments it may be a shell that completes them.
    called = {name for name in COMMANDS if name in arguments or not arguments}
    asked = any(COMMANDS[name].asks or COMMANDS[name].explains for name in called)
    questions = load_questionnaire(template_root()).questions if asked else ()
    app.callback(help="Generate FastAPI projects that prove the practices they follow.")(_root)
    for name, command in COMMANDS.items():
        call, text = _unused, command.help
        if name in called:
            module = import_module(f"fastapi_scaffold.commands.{name}")
            call = _callable(module, questions if command.asks else ())
            text = (module.__doc__ or text) + _explanation(questions, command.explains)
        app.command(name, cls=_Once, help=text, short_help=command.help, epilog=command.epilog)(call)
    return app


def _unused() -> int:
    """Stand for a command that was not called, of which only the name is read."""
    return ExitCode.USAGE


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
    if error.format_message().startswith("No such command"):
        return _unknown_command(next(word for word in arguments if not word.startswith("-")), command)
    return ScaffoldError("usage", error.format_message(), hint, ExitCode.USAGE)


def _unknown_command(word: str, command: str) -> ScaffoldError:
    from fastapi_scaffold.asking.answers import did_you_mean

    meant = {"version": ["--version"], "help": [command, "--help"]}.get(word)
    listed = typed(" ".join(filter(None, [PROGRAM, *(meant or ["--help"])])))
    near = "" if meant else did_you_mean(word, COMMANDS)
    hint = near or (f"Write `{listed}`." if meant else f"`{listed}` lists the commands.")
    return ScaffoldError("usage", f'There is no command "{word}".', hint, ExitCode.USAGE)


def _misplaced(error: TyperException, option: str, command: str) -> str:
    """Return where `option` belongs if it stands where only those of the program itself do."""
    if not hasattr(getattr(getattr(error, "ctx", None), "command", None), "commands"):
        return ""
    commands = getattr(typer.main.get_command(_build([])), "commands", {})
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
