"""Add a resource to a project: its code, its tests and its migration, merged into what is yours.

For instance: fastapi-scaffold add invoice number:str:unique paid_at:datetime:optional customer:ref:customer
"""

from dataclasses import dataclass
from typing import Annotated

import typer

from fastapi_scaffold.commands.options import Changing, Here
from fastapi_scaffold.commands.update import carry_out
from fastapi_scaffold.system.errors import ExitCode
from fastapi_scaffold.updating.plan import Request
from fastapi_scaffold.updating.resources import addition
from fastapi_scaffold.writing.project import find_project

_NAME = typer.Argument(
    metavar="NAME", help="What one of it is called; NAME/PLURAL for another plural.", show_default=False
)
_FIELDS = typer.Argument(metavar="FIELD:TYPE", help="What it has, at least one field.", show_default=False)


@dataclass(frozen=True, kw_only=True)
class Options(Changing):
    """How `add` was called."""

    name: Annotated[str, _NAME]
    fields: Annotated[list[str] | None, _FIELDS] = None
    project: Here = None


def run(options: Options) -> ExitCode:
    """Add a resource to a project. Raises ScaffoldError if that cannot be; then nothing was changed."""
    project = find_project(options.project)
    return carry_out(options, Request(project, change=addition(project, options.name, options.fields or [])))
