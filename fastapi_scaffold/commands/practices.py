"""List the practices, or explain one."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

import typer

from fastapi_scaffold.asking.answers import did_you_mean
from fastapi_scaffold.commands.options import Json
from fastapi_scaffold.proving.practices import Practice, load_practices
from fastapi_scaffold.system.console import VERBATIM, Console, Line, wrap
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.shell import typed

# How many are named that have a word in their names.
_FEW = 10


def _complete(incomplete: str) -> list[tuple[str, str]]:
    return [(practice.id, practice.title) for practice in load_practices() if practice.id.startswith(incomplete)]


_ID = typer.Argument(
    metavar="ID", help="The practice to explain. Default: list all.", show_default=False, autocompletion=_complete
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How `practices` was called."""

    practice: Annotated[str | None, _ID] = None
    as_json: Json = False


def run(options: Options) -> ExitCode:
    """Print all practices, or everything about one. Raises ScaffoldError for an id that does not exist."""
    wanted = options.practice
    rows = list(load_practices()) if wanted is None else [_find(wanted)]
    if options.as_json:
        found = [_as_json(practice) for practice in rows]
        sys.stdout.write(json.dumps({"command": "practices", "ok": True, "practices": found}) + "\n")
        return ExitCode.DONE
    console = Console(sys.stdout)
    for text, style in _list(rows) if wanted is None else _explain(rows[0], console.width):
        console.print(text, style)
    return ExitCode.DONE


def _find(practice_id: str) -> Practice:
    by_id = {practice.id: practice for practice in load_practices()}
    practice = by_id.get(practice_id)
    if practice is None:
        listing = f"List them with `{typed('fastapi-scaffold practices')}`."
        within = [name for name in by_id if practice_id.lower() in name]
        found = f"It is in the names of {', '.join(within)}." if 0 < len(within) <= _FEW else listing
        hint = did_you_mean(practice_id, by_id) or found
        raise ScaffoldError("unknown_practice", f'There is no practice "{practice_id}".', hint, ExitCode.USAGE)
    return practice


def _list(rows: list[Practice]) -> Iterator[Line]:
    width = max(len(practice.id) for practice in rows)
    for group, members in groupby(rows, lambda practice: practice.group):
        yield group, "bold"
        for practice in members:
            unproven = "" if practice.provable else " (no test)"
            yield f"  {practice.level:<6}  {practice.id:<{width}}  {practice.title}{unproven}", None
        yield "", None
    provable = sum(practice.provable for practice in rows)
    yield f"{len(rows)} practices; {provable} are proven by a test in the projects to which they apply.", None


def _explain(practice: Practice, width: int) -> Iterator[Line]:
    yield f"{practice.title} ({practice.id})", "bold"
    yield f"{practice.group}, {practice.level}", None
    needs = ", ".join(sorted(practice.requires))
    parts = {
        "Why": practice.why,
        "Form": practice.form,
        "Applies": f"to projects with {needs}" if needs else "to every project",
        "Proof": "a test in the project" if practice.provable else f"none. {practice.reason}",
    }
    for name, text in parts.items():
        yield "", None
        # Also where it does not go to a terminal: these are paragraphs.
        yield from ((line, VERBATIM) for line in wrap(f"{f'{name}:':<8}  {text}", min(width, 100)))
    yield "", None
    yield "Sources:", None
    yield from ((f"  {source}", VERBATIM) for source in practice.sources)


def _as_json(practice: Practice) -> dict[str, Any]:
    return {
        "id": practice.id,
        "title": practice.title,
        "group": practice.group,
        "level": practice.level,
        "why": practice.why,
        "form": practice.form,
        "sources": list(practice.sources),
        "requires": sorted(practice.requires),
        "proof": practice.proof,
        "reason": practice.reason,
    }
