"""Remove a resource, or the example, from a project. Its table stays until you write the migration that drops it."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fastapi_scaffold.commands.options import Changing, Here
from fastapi_scaffold.commands.update import carry_out
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.updating.plan import Request
from fastapi_scaffold.updating.resources import removal
from fastapi_scaffold.writing.project import find_project, read_record


def _complete(context: typer.Context, incomplete: str) -> list[str]:
    try:
        recorded = read_record(find_project(context.params.get("project"))).texts
    except ScaffoldError:
        return []
    entries = [*recorded.get("resources", "").split(";"), recorded.get("example", "none").replace("none", "")]
    names = [entry.split()[0].partition("/")[0] for entry in entries if entry.strip()]
    return [name for name in names if name.startswith(incomplete)]


_NAME = typer.Argument(metavar="NAME", help="What one of it is called.", show_default=False, autocompletion=_complete)


@dataclass(frozen=True, kw_only=True)
class Options(Changing):
    """How `remove` was called."""

    name: Annotated[str, _NAME]
    project: Here = None


def run(options: Options) -> ExitCode:
    """Remove a resource of a project. Raises ScaffoldError if that cannot be; then nothing was changed."""
    project = find_project(options.project)
    return carry_out(options, Request(project, change=removal(project, options.name)))
