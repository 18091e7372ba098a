"""What a command tells at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.writing.actions import FileAction


@dataclass(frozen=True)
class Report:
    """The result of a command. `created` is what `new` knows beside the proof, `updated` what `update` knows."""

    command: str
    ok: bool
    project: str
    proof: Proof | None
    created: "Created | None" = None
    updated: "Updated | None" = None
    notes: Sequence[str] = field(default_factory=list)
    next_steps: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Created:
    """What `new` made, and how to make it again."""

    template_version: str
    answers: Mapping[str, Any]
    files: Sequence[FileAction]
    command_line: str
    merged: bool = False
    """Whether it joined files that were there."""
    written: bool = True
    """Whether it was made, and not only shown."""
    tree: bool = False
    """Whether the files are listed."""
    patch: str = ""


@dataclass(frozen=True)
class Updated:
    """What `update` did, or would do, to each file."""

    from_version: str
    to_version: str
    files: Sequence[FileAction]
    conflicts: Sequence[str]
    waits: bool
    """Whether there was anything to do."""
    applied: bool
    diff: str
    undo: str
    pending: bool = False
    """Whether it could not be proven yet, because the user has to do something first."""
    subject: str = ""
    """What was updated, if not the project as a whole."""
    done: str = "updated"
