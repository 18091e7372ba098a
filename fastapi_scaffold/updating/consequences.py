"""What an update asks of its user, beside the files that git merges."""

import json
import shlex
from collections.abc import Iterator

from fastapi_scaffold.asking.answers import derive
from fastapi_scaffold.system.files import Files
from fastapi_scaffold.system.shell import typed
from fastapi_scaffold.updating.merge import Merger
from fastapi_scaffold.updating.plan import Plan
from fastapi_scaffold.updating.repository import Repository, untracked
from fastapi_scaffold.writing.dotenv import mentioned, variables


def consequences(plan: Plan) -> Iterator[str]:
    """Yield what a changed answer asks of a project that is in use."""
    for name, text in plan.new.tables.get("consequences", {}).items():
        if name in plan.record.texts and name in plan.changes:
            yield str(text)


def lost_resources(plan: Plan, merger: Merger, old: Files) -> Iterator[str]:
    """Yield which resources the answers have and the project has not, as when one branch added what another removed."""
    if "domains" not in plan.new.derived:
        return
    every = json.loads(derive(plan.new, "domains", plan.carried.answers))
    # Before the example was a question it came first, and nobody could do without it.
    for resource in every if "example" in plan.carried.answers else every[1:]:
        package = f"app/{resource['plural']}/"
        before, now = (any(path.startswith(package) for path in paths) for paths in (old, merger.committed))
        if before and not now:
            yield taken_away(resource["name"], package)


def taken_away(name: str, package: str, *there: str) -> str:
    """Return what to do about the resource `name`, which the answers have and whose `package` is gone.

    `there` are the words that say where the project is, if that has not been said.
    """
    remove = typed(shlex.join(["fastapi-scaffold", "remove", name, *there]))
    return f"There is no {package} any more. If another branch removed it, let the answers know: {remove}"


def surroundings(repository: Repository) -> Iterator[str]:
    """Yield what to tell of the files that no update touches, now that those around them have changed."""
    if names := untracked(repository):
        yield f"Git no longer ignores {', '.join(names)}: move that away, or name it in .gitignore."


def settings(repository: Repository) -> Iterator[str]:
    """Yield what is to be done in `.env`, if there is one: only the user knows what is true on this machine."""
    example, own = repository.project / ".env.example", repository.project / ".env"
    if not (example.is_file() and own.is_file()):
        return
    new, mine = (path.read_text(encoding="utf-8", errors="replace") for path in (example, own))
    old = repository.git.run("show", f"HEAD:{repository.prefix}.env.example").stdout.decode(errors="replace")
    known, before, wanted = map(variables, (mine, old, new))
    changed = [name for name, value in wanted.items() if known.get(name) == before.get(name) not in {None, "", value}]
    tasks = {
        "write": [name for name in wanted if name not in known],
        "change": changed,
        "rename or delete": [name for name in known if name in mentioned(old) and name not in mentioned(new)],
    }
    if todo := "; ".join(f"{what} {', '.join(names)}" for what, names in tasks.items() if names):
        yield f"In .env, as .env.example explains: {todo}"


def afterwards(plan: Plan, when: str) -> Iterator[str]:
    """Yield what changed answers ask for on this machine."""
    provided = plan.new.capabilities(plan.carried.answers)
    for name, rows in plan.new.tables.get("afterwards", {}).items():
        if name in plan.record.texts and name in plan.changes:
            yield from (
                row["step"] for row in rows[when] if provided >= {*row["needs"]} and not provided & {*row["lacks"]}
            )
