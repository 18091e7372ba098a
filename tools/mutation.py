"""Which small faults do a generated project's own tests miss? `uv run python -m tools.mutation sqlite-jwt`.

Each mutant of `app/` is tried on its own, until a test fails. Those that are judged already, with the reason, are rows
of `tests/mutants.toml` and not tried. Other survivors are printed as they are found; then the exit code is 1.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Generator, Iterator
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
# Notes which test executes which line, and how long those of each file take; then lets those go first that execute the
# line that changed, those beside it next, and of the others the quickest. Tests that only call the application cannot
# notice the change, unless the line is executed at import or by a fixture that they share.
PLUGIN = """
import json, os
from collections import Counter
from pathlib import Path
import pytest
from coverage import Coverage

SECONDS = Counter()

def switch(context):
    if Coverage.current():
        Coverage.current().switch_context(context)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    switch(item.nodeid)

@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    if fixturedef.scope == "function":
        return (yield)
    switch("")
    try:
        return (yield)
    finally:
        switch(request._pyfuncitem.nodeid)

def pytest_runtest_logreport(report):
    SECONDS[report.location[0]] += report.duration

def pytest_sessionfinish():
    if "EXECUTING" not in os.environ:
        Path("seconds.json").write_text(json.dumps(SECONDS))

def pytest_collection_modifyitems(items):
    if "EXECUTING" in os.environ:
        executing, beside = json.loads(os.environ["EXECUTING"]), os.environ["BESIDE"]
        seconds = json.loads(Path("seconds.json").read_text())
        shared = "" in executing or not executing
        items[:] = [one for one in items if shared or one.nodeid in executing or "client" not in one.fixturenames]
        place = lambda file: (not file.startswith(beside), seconds[file], file)
        items.sort(key=lambda one: (one.nodeid not in executing, *place(one.location[0])))
"""
Tries = Callable[[Mutant], bool]
# The tests that execute each line of each file.
Lines = dict[str, dict[str, list[str]]]


def main(arguments: list[str]) -> int:
    """Try the mutants of one project; returns 1 if one survives that nobody has judged."""
    names = {f"{one['database']}-{one['auth']}": one for one in VISIBLE}
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("application", choices=names)
    parser.add_argument("files", nargs="*", help="modules, as app/users/service.py; without any, all of them")
    parser.add_argument("--changed", action="store_true", help="only modules that differ from the last release")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try each Nth mutant only")
    chosen = parser.parse_intermixed_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, mariadb_on_path():
        project = render_project(Path(scratch, "my-api"), names[chosen.application])
        succeed(project, "uv", "sync", "--quiet", "--python", PYTHON)
        compile_by_content(project / ".venv/bin/python", project)
        files = chosen.files or sorted(str(path.relative_to(project)) for path in project.glob("app/**/*.py"))
        if chosen.changed:
            released = last_release(Path(scratch, "released"), names[chosen.application])
            files = [one for one in files if not same(project / one, released / one)]
        mutants = [one for file in files for one in mutants_of(file, (project / file).read_text())][:: chosen.every]
        rows = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["mutant"]
        tried = [one for one in mutants if not any(re.search(row["found"], str(one)) for row in rows)]
        survived = sum(survivals(project, tried))
    noticed = len(tried) - survived
    rate = noticed / max(1, len(tried))
    print(f"{len(mutants)} mutants, {len(mutants) - len(tried)} known, {noticed} of {len(tried)} noticed: {rate:.1%}")  # noqa: T201
    return int(bool(survived))


def last_release(project: Path, answers: Answers) -> Path:
    """Render what the last release makes of these answers; returns where."""
    version = list(template.released())[-1]
    with template.load_versions().checked_out(version) as root:
        render(given(answers), project, root, version)
    return project


def same(one: Path, other: Path) -> bool:
    """Return whether both files are there, and the same."""
    return other.exists() and one.read_bytes() == other.read_bytes()


def executed(project: Path) -> Lines:
    """Run all tests once; returns what each of them executes."""
    (project / "mutation_plugin.py").write_text(PLUGIN)
    succeed(project, ".venv/bin/python", "-m", "pytest", "-q", "-pmutation_plugin", "--cov")
    succeed(project, ".venv/bin/coverage", "json", "--quiet", "--show-contexts")
    files = json.loads((project / "coverage.json").read_text())["files"]
    return {file: found["contexts"] for file, found in files.items()}


def survivals(project: Path, mutants: list[Mutant]) -> Iterator[bool]:
    """Tell of each mutant whether no test notices it; one process for each core tries them."""
    lines, waiting = executed(project), Queue[Tries]()
    with ExitStack() as stack, ThreadPoolExecutor(os.cpu_count()) as pool:
        for number in range(os.cpu_count() or 1):
            waiting.put(stack.enter_context(trying(project, project.parent / str(number), lines)))

        def survives(mutant: Mutant) -> bool:
            tries = waiting.get()
            try:
                survived = tries(mutant)
            finally:
                waiting.put(tries)
            if survived:
                print(f"{mutant}\n", flush=True)  # noqa: T201
            return survived

        yield from pool.map(survives, mutants)


@contextmanager
def trying(project: Path, place: Path, lines: Lines) -> Generator[Tries]:
    """Give a function that tells whether all tests pass in a copy of the project with the mutant in it."""
    copy = place / project.name
    shutil.copytree(project, copy, ignore=IGNORED)
    (copy / ".venv").symlink_to(project / ".venv")
    with Runner(project / ".venv/bin/python") as runner:

        def survives(mutant: Mutant) -> bool:
            file = copy / mutant.file
            original = file.read_text()
            file.write_text(mutant.text)
            executing = lines.get(mutant.file, {}).get(str(mutant.number), [])
            beside = f"tests/{Path(mutant.file).parent.name}/"
            chosen = {"EXECUTING": json.dumps(executing), "BESIDE": beside}
            code, output = runner.run(copy, ["-pmutation_plugin"], chosen, SECONDS)
            file.write_text(original)
            if code == BROKEN or "INTERNALERROR" in output:
                raise RuntimeError(output)
            return code == 0

        yield survives


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
