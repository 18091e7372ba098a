"""Where a new project goes, and what happens when something is there already."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from fastapi_scaffold.asking.answers import did_you_mean
from fastapi_scaffold.asking.menu import Option
from fastapi_scaffold.asking.prompts import Back, Screen, choose, type_text
from fastapi_scaffold.system.directories import absolute
from fastapi_scaffold.system.errors import Cancelled, ExitCode, InvalidAnswer, ScaffoldError
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.writing.staging import check_destination, occupied

# What --on-existing accepts, with what the menu says about it.
POLICIES = {
    "error": "Refuse.",
    "rename": "Take the next free name; what is there stays as it is.",
    "merge": "Add the files that are missing, and keep every file of yours. You see which first.",
    "overwrite": "Add the files, and replace those of yours that have the same names. You see which first.",
}


@dataclass(frozen=True)
class Destination:
    """A destination, as the user would write it and as it is, and what happens to a file that is there."""

    shown: str
    path: Path
    policy: str = "error"

    @property
    def merges(self) -> bool:
        """Whether the project joins files that are there."""
        return self.policy in {"merge", "overwrite"}


def check_policy(policy: str | None) -> None:
    """Raise InvalidAnswer for a policy that does not exist."""
    if policy is not None and policy not in POLICIES:
        hint = did_you_mean(policy, POLICIES) or f"Choose with --on-existing {'|'.join(POLICIES)}."
        raise InvalidAnswer("invalid_policy", f'--on-existing is one of {", ".join(POLICIES)}, not "{policy}".', hint)


def find_destination(shown: str, policy: str | None) -> Destination:
    """Return where a project called `shown` goes. Raises ScaffoldError if it cannot go there."""
    destination = absolute(shown)
    if policy in {None, "error"}:
        check_destination(destination)
    if not occupied(destination):
        return Destination(shown, destination)
    if policy == "rename":
        return find_destination(_free_name(shown), "error")
    _check_no_project(destination)
    return Destination(shown, destination, policy or "error")


def ask_destination(shown: str, *, back: bool) -> Destination:
    """Return where a project called `shown` goes, letting the user decide if something is there.

    Raises Back, and KeyboardInterrupt or EOFError when the user stops.
    """
    while occupied(absolute(shown)):
        renamed = _free_name(shown)
        refused = _refuse_project() if _is_project(absolute(shown)) else ""
        options = [
            Option("rename", f"Create it as {renamed}", POLICIES["rename"]),
            Option("elsewhere", "Choose another directory"),
            Option("merge", "Merge, keep my files", POLICIES["merge"], refused),
            Option("overwrite", "Merge, replace my files", POLICIES["overwrite"], refused),
            Option("cancel", "Cancel"),
        ]
        chosen = choose(Screen(f"{absolute(shown)} is not empty. What now?", back=back), options)
        if chosen == "cancel":
            raise Cancelled
        if chosen in POLICIES:
            return find_destination(shown, chosen)
        try:
            shown = type_text(Screen("In which directory?"), renamed, _refusal)
        except Back:
            continue
    return Destination(shown, absolute(shown))


def _refuse_project() -> str:
    return f"It is a project of fastapi-scaffold already; `{typed('fastapi-scaffold update')}` changes it."


def _refusal(shown: str) -> str:
    try:
        return "" if shown.strip() and not occupied(absolute(shown)) else "Choose a directory that is new or empty."
    except ScaffoldError as error:
        return error.message


def _free_name(shown: str) -> str:
    path = Path(shown)
    # Such as "." and "..", beside which nothing can be.
    path = path if path.name.strip(".") else absolute(shown)
    names = (str(path.with_name(f"{path.name}-{number}")) for number in count(2))
    return next(name for name in names if not absolute(name).exists())


def _is_project(destination: Path) -> bool:
    from fastapi_scaffold.writing.project import ANSWERS_FILE

    return (destination / ANSWERS_FILE).exists()


def _check_no_project(destination: Path) -> None:
    if _is_project(destination):
        raise ScaffoldError(
            "already_a_project",
            f"{destination} is a project of fastapi-scaffold already. Nothing was changed.",
            f"`{typed('fastapi-scaffold update')}` changes its answers and its version.",
            ExitCode.USAGE,
        )
