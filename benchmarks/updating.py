"""Updating a project, against Copier's own command on the same project."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import cpu_of, environment, interleaved
from fastapi_scaffold.writing.engine import render
from fastapi_scaffold.writing.template import template_root
from tests.updating.packages import copy_template, publish
from tests.updating.world import commit, git, put

BIN = Path(sys.executable).parent
VERSIONS = ("0.1.0", "0.2.0")


def updating(rounds: int) -> dict[str, float]:
    """Return the CPU of `update` and of `copier update`, both without checks, from one version to the next."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        first = copy_template(place / "first", template_root())
        second = changed(copy_template(place / "second", first))
        site = publish(place / "site", dict(zip(VERSIONS, (first, second), strict=True)))
        repository = tagged(place / "repository", first, second)
        ours, copiers = place / "ours", place / "copiers"
        render({"project_name": "My API", "description": "An API."}, ours, first, "v0.1.0")
        commit_new(ours)
        data = ["--data", "project_name=My API", "--data", "description=An API.", "--vcs-ref", "v0.1.0"]
        run([BIN / "copier", "copy", "--defaults", "--quiet", *data, repository, copiers])
        commit_new(copiers)
        program = [sys.executable, "-c", PROGRAM, site, "update", "--no-verify", "--quiet"]
        return interleaved(
            rounds,
            {
                "fastapi-scaffold update": lambda: measured(ours, program),
                "copier update": lambda: measured(copiers, [BIN / "copier", "update", "--defaults", "--quiet"]),
            },
        )


# Like the installed command, from the package in which the two versions are.
PROGRAM = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from fastapi_scaffold.__main__ import main
main()
"""


def changed(root: Path) -> Path:
    """Change every tenth file of the template, and add one."""
    files = sorted(path for path in (root / "template").rglob("*.py") if path.stat().st_size)
    for path in files[::10]:
        path.write_text(path.read_text(encoding="utf-8") + "\n# A new line.\n", encoding="utf-8")
    put(root / "template", {"NEW.md": "new\n"})
    return root


def tagged(place: Path, *roots: Path) -> Path:
    """Return a repository with a tag for each version, for Copier."""
    place.mkdir()
    git(place, "init", "--quiet")
    for version, root in zip(VERSIONS, roots, strict=True):
        shutil.copytree(root, place, dirs_exist_ok=True)
        commit(place)
        git(place, "-c", "user.name=x", "-c", "user.email=x@y", "tag", "--annotate", f"v{version}", "--message", "x")
    return place


def commit_new(project: Path) -> None:
    """Make the project a repository, with a change of the user's."""
    put(project, {"README.md": (project / "README.md").read_text(encoding="utf-8") + "\nMine.\n"})
    git(project, "init", "--quiet")
    commit(project)


def measured(project: Path, command: list[str | Path]) -> float:
    """Return the CPU of an update, after which everything is as before."""
    try:
        return cpu_of(command, project)
    finally:
        git(project, "reset", "--hard", "--quiet")
        git(project, "clean", "--force", "--quiet")


def run(command: list[str | Path]) -> None:
    """Run a command that must succeed."""
    subprocess.run(command, env=environment(), check=True, capture_output=True)
