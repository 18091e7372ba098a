"""Options that several commands have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer


def filled(directory: str) -> str:
    """Return `directory`. Raises BadParameter for a name that is empty, as an unset variable makes it.

    To the system an empty name is the current directory.
    """
    if not directory.strip():
        raise typer.BadParameter("It is empty.")
    return directory


def _directory(directory: Path | str) -> Path:
    """Return what was named, or the default."""
    return Path(filled(str(directory)))


_PROJECT: dict[str, Any] = {
    "metavar": "DIRECTORY",
    "help": "The project. Default: the one you are in.",
    "parser": _directory,
    "show_default": False,
}
Project = Annotated[Path | None, typer.Argument(**_PROJECT)]
Here = Annotated[Path | None, typer.Option("--project", "-p", **_PROJECT)]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Do not prove the project.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen to each file, and change nothing.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a patch, and change nothing.")]
Data = Annotated[
    list[str] | None,
    typer.Option("--data", "-d", metavar="NAME=VALUE", help="Answer a question. Repeatable.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@dataclass(frozen=True, kw_only=True)
class Output:
    """How the report is to be."""

    as_json: Json = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print one line, the outcome.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Report each practice with its test.")] = False

    @property
    def silent(self) -> bool:
        """Whether nothing is said meanwhile."""
        return self.as_json or self.quiet


@dataclass(frozen=True, kw_only=True)
class Changing(Output):
    """How a project that is there is to be changed."""

    dry_run: DryRun = False
    diff: Diff = False
    no_verify: NoVerify = False

    @property
    def writes(self) -> bool:
        """Whether the project is changed, and not only looked at."""
        return not (self.dry_run or self.diff)
