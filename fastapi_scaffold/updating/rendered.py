"""The template as it was for a project, and as it is to be for it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi_scaffold.system.files import Files, read_files
from fastapi_scaffold.updating.plan import Plan
from fastapi_scaffold.updating.recorded_answers import as_before


@dataclass(frozen=True)
class Rendered:
    """What the project was generated as, and what it would be generated as now."""

    old: Files
    new: Files
    brought: AbstractSet[str]
    """The paths that are new because of an answer, and not because of the version."""


def render_both(plan: Plan) -> Rendered:
    """Render the project from its old version and answers, and from the new ones."""
    from fastapi_scaffold.writing.engine import render

    with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        before, after = Path(scratch, "old"), Path(scratch, "new")
        recorded = {question.name: plan.record.answers[question.name] for question in plan.old.questions}
        render(recorded, before, plan.old_root, plan.record.version)
        render(plan.carried.answers, after, plan.new_root, plan.new_version)
        old, new = read_files(before), read_files(after)
        return Rendered(old, new, _brought(plan, old, new, Path(scratch, "between")))


def _brought(plan: Plan, old: Files, new: Files, scratch: Path) -> set[str]:
    from fastapi_scaffold.writing.engine import render

    brought = new.keys() - old.keys()
    if plan.new_version == plan.old_version:
        return brought
    answers = as_before(plan.new, plan.record.texts, plan.carried.answers)
    if answers == plan.carried.answers:
        return set()
    render(answers, scratch, plan.new_root, plan.new_version)
    return brought - read_files(scratch).keys()
