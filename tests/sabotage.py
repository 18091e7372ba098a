"""Break one practice in a copy of a generated project, and see whether the project's own test of it notices.

By hand, on a project that has its .venv: python tests/sabotage.py PROJECT [PRACTICE …]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SABOTEURS = Path(__file__).parent / "saboteurs"
# What was compiled before is copied too: that takes longer than most tests.
IGNORED = shutil.ignore_patterns(".venv", ".git", ".*_cache", "*.db*")

# No code of pytest: a run that breaks is no test that fails.
BROKEN = 70
# Runs pytest in a copy of itself for each line that it reads: to import the libraries takes longer than most tests.
SERVER = """
import json, os, signal, sys, traceback
from contextlib import suppress
from importlib import import_module

import pytest

for name in sys.argv[1:]:
    with suppress(ImportError):  # not every project has all of them
        import_module(name)
for line in sys.stdin:
    given = json.loads(line)
    child = os.fork()
    if not child:
        code = BROKEN
        try:
            output = os.open(given["output"], os.O_WRONLY | os.O_CREAT)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.chdir(given["project"])
            sys.path[:0] = [given["project"], given["plugins"]]
            os.environ.update(given["environment"])
            signal.alarm(given["seconds"])
            code = pytest.main(given["arguments"])
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
LIBRARIES = [
    *["alembic.command", "alembic.config", "anyio._backends._asyncio", "anyio.pytest_plugin", "fastapi.testclient"],
    *["httpx2", "jwt", "limits", "pdb", "pwdlib.hashers.argon2", "pydantic_settings", "pytest_cov.plugin"],
    *["redis.asyncio"],
    *["sqlalchemy.ext.asyncio", "unittest.mock", "uvicorn.main", "zxcvbn_rs_py"],
]

# Runs only the tests that carry the practice.
PLUGIN = """
import os

def pytest_collection_modifyitems(config, items):
    practice = os.environ["SABOTAGED_PRACTICE"]
    chosen = [item for item in items if any(mark.args[0] == practice for mark in item.iter_markers("practice"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
"""


@dataclass(frozen=True)
class Saboteur:
    """One small change that breaks a practice.

    `find` is replaced once by `replace` in `file`; with `append` alone the text is added at the end (a new file, too).
    `answers` are those in which the change makes sense, where they differ from the default ones.
    """

    practice: str
    file: str
    find: str = ""
    replace: str = ""
    append: str = ""
    delete: bool = False
    answers: dict[str, str] = field(default_factory=dict)

    def apply(self, project: Path) -> None:
        """Change the file; raises `ValueError` when it does not contain what is to be broken exactly once."""
        path = project / self.file
        if self.delete:
            path.unlink()
            return
        text = path.read_text() if path.exists() else ""
        if self.find:
            if text.count(self.find) != 1:
                message = f"{self.file} contains {self.find!r} {text.count(self.find)} times"
                raise ValueError(message)
            text = text.replace(self.find, self.replace)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + self.append)


def load_saboteurs() -> list[Saboteur]:
    """Read every saboteur from the TOML files."""
    return [
        Saboteur(**row)
        for path in sorted(SABOTEURS.glob("*.toml"))
        for row in tomllib.loads(path.read_text()).get("saboteur", [])
    ]


def compile_by_content(python: Path, project: Path) -> None:
    """Compile a project so that Python looks at the content of each file: a change may leave its size and its time."""
    hashed = ("--invalidation-mode", "checked-hash")
    subprocess.run([python, "-m", "compileall", "-q", *hashed, "app", "tests"], cwd=project, check=True)


class Runner:
    """Runs the tests of projects in the environment of one Python."""

    def __init__(self, python: Path) -> None:
        dropped = ("APP_", "PYTEST_", "PYTHON", "GIT_")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        self.server = subprocess.Popen(
            [python, "-c", SERVER.replace("BROKEN", str(BROKEN)), *LIBRARIES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.communicate()

    def run(
        self, project: Path, arguments: list[str], environment: dict[str, str] | None = None, seconds: int = 300
    ) -> tuple[int, str]:
        """Run tests of a project; returns pytest's exit code (1: a test failed; below 0: no time left) and output."""
        with tempfile.TemporaryDirectory() as scratch:
            Path(scratch, "sabotage_plugin.py").write_text(PLUGIN)
            output = Path(scratch, "output")
            variables = {"PYTEST_DEBUG_TEMPROOT": scratch, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
            request = {
                "project": str(project),
                "plugins": scratch,
                "output": str(output),
                "environment": variables,
                "seconds": seconds,
                # What is imported already cannot be rewritten.
                "arguments": ["-qx", "--assert=plain", "-pno:cacheprovider", *arguments],
            }
            assert self.server.stdin
            assert self.server.stdout
            print(json.dumps(request), file=self.server.stdin, flush=True)
            return int(self.server.stdout.readline()), output.read_text()

    def run_practice(self, project: Path, practice: str) -> tuple[int, str]:
        """Run the project's tests of one practice; returns what `run` does."""
        # Reading all tests would take longer than running these.
        named = [str(path) for path in (project / "tests").rglob("test_*.py") if practice in path.read_text()]
        return self.run(project, ["-psabotage_plugin", *named], {"SABOTAGED_PRACTICE": practice})

    def sabotage(self, project: Path, saboteur: Saboteur) -> tuple[int, str]:
        """Apply the saboteur to a copy of the project, and run the tests of its practice there."""
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch, project.name)
            shutil.copytree(project, copy, ignore=IGNORED)
            saboteur.apply(copy)
            return self.run_practice(copy, saboteur.practice)


def main(project: Path, practices: list[str]) -> None:
    """Print what became of each saboteur."""
    survived = 0
    with Runner(project / ".venv" / "bin" / "python") as runner:
        for saboteur in load_saboteurs():
            if practices and saboteur.practice not in practices:
                continue
            intact, output = runner.run_practice(project, saboteur.practice)
            if intact == 0:
                code, output = runner.sabotage(project, saboteur)
                verdict = "caught" if code == 1 else f"SURVIVED (pytest exit {code})"
            else:
                verdict = f"INTACT PROJECT FAILS (pytest exit {intact})"
            survived += verdict != "caught"
            print(f"{saboteur.practice}: {verdict}", flush=True)  # noqa: T201
            if verdict != "caught":
                print(output[-1500:])  # noqa: T201
    sys.exit(survived > 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
