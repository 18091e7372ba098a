"""Which small faults do a generated project's own tests miss? `uv run python -m tools.mutation sqlite-jwt`.

Each mutant of `app/` is tried on its own, by the tests beside its module first and then by the others, until one fails.
Survivors that are known, with the reason, are rows of `tests/mutants.toml`; the others are printed, and exit code 1
says that there are any.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue

from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.engine import render
from tests.sabotage import BROKEN, IGNORED, Runner, compile_by_content
from tests.template.combinations import VISIBLE, Answers
from tests.template.projects import PYTHON, given, render_project, succeed
from tests.template.servers import mariadb_on_path
from tools.mutants import Mutant, mutants_of

KNOWN = Path(__file__).parent.parent / "tests" / "mutants.toml"
# A run of all tests takes a tenth of this.
SECONDS = 200
Tries = Callable[[Mutant], bool]


def main(arguments: list[str]) -> int:
    """Try the mutants of one project; returns 1 if one survives that nobody has judged."""
    names = {f"{one['database']}-{one['auth']}": one for one in VISIBLE}
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("application", choices=names)
    parser.add_argument("files", nargs="*", help="modules, as app/users/service.py; without any, all of them")
    parser.add_argument("--changed", action="store_true", help="only modules that differ from the last release")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try each Nth mutant only")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, mariadb_on_path():
        project = render_project(Path(scratch, "my-api"), names[chosen.application])
        succeed(project, "uv", "sync", "--quiet", "--python", PYTHON)
        compile_by_content(project / ".venv/bin/python", project)
        files = chosen.files or sorted(str(path.relative_to(project)) for path in project.glob("app/**/*.py"))
        if chosen.changed:
            released = last_release(Path(scratch, "released"), names[chosen.application])
            files = [one for one in files if not same(project / one, released / one)]
        mutants = [one for file in files for one in mutants_of(file, (project / file).read_text())][:: chosen.every]
        return report(mutants, survivors(project, mutants))


def last_release(project: Path, answers: Answers) -> Path:
    """Render what the last release makes of these answers; returns where."""
    version = list(template.released())[-1]
    with template.load_versions().checked_out(version) as root:
        render(given(answers), project, root, version)
    return project


def same(one: Path, other: Path) -> bool:
    """Return whether both files are there, and the same."""
    return other.exists() and one.read_bytes() == other.read_bytes()


def survivors(project: Path, mutants: list[Mutant]) -> list[Mutant]:
    """Return the mutants that no test notices; one process for each core tries them."""
    waiting: Queue[Tries] = Queue()
    with ExitStack() as stack, ThreadPoolExecutor(os.cpu_count()) as pool:
        for number in range(os.cpu_count() or 1):
            waiting.put(stack.enter_context(trying(project, project.parent / str(number))))

        def survives(mutant: Mutant) -> bool:
            tries = waiting.get()
            try:
                return tries(mutant)
            finally:
                waiting.put(tries)

        return [one for one, survived in zip(mutants, pool.map(survives, mutants), strict=True) if survived]


@contextmanager
def trying(project: Path, place: Path) -> Generator[Tries]:
    """Give a function that tells whether all tests pass in a copy of the project with the mutant in it."""
    copy = place / project.name
    shutil.copytree(project, copy, ignore=IGNORED)
    (copy / ".venv").symlink_to(project / ".venv")
    with Runner(project / ".venv/bin/python") as runner:

        def survives(mutant: Mutant) -> bool:
            file = copy / mutant.file
            original = file.read_text()
            file.write_text(mutant.text)
            beside = copy / "tests" / Path(mutant.file).parent.name
            first = [str(beside)] if beside.is_dir() else []
            code, output = runner.run(copy, [*first, str(copy / "tests")], seconds=SECONDS)
            file.write_text(original)
            if code == BROKEN:
                raise RuntimeError(output)
            return code == 0

        yield survives


def report(mutants: list[Mutant], survived: list[Mutant]) -> int:
    """Print what nobody has judged, and the figures; returns 1 if there is any."""
    known = re.compile("|".join(row["found"] for row in tomllib.loads(KNOWN.read_text(encoding="utf-8"))["mutant"]))
    new = [one for one in survived if not known.search(str(one))]
    judged = len(survived) - len(new)
    for one in new:
        print(f"{one}\n")  # noqa: T201
    rest = len(mutants) - judged
    noticed = len(mutants) - len(survived)
    print(f"{len(mutants)} mutants, {judged} survivors known, {noticed} of {rest} noticed: {noticed / rest:.1%}")  # noqa: T201
    return int(bool(new))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
