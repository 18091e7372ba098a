"""What is proposed to type works in the shell of whoever reads it, however they have called the program."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_scaffold.system.shell import typed
from tests.console import CHECKOUT, SCRIPTS

UV = str(SCRIPTS / "uv")
RUN = f"UV_PROJECT_ENVIRONMENT={sys.prefix} {UV} run --quiet --no-sync --project {CHECKOUT}"

# How it is called, what comes before it in the shell, and whether the names alone do there. HERE is where it is called,
# FROM_HERE the way to the scripts.
WAYS = {
    "uv run": (f"{RUN} fastapi-scaffold", "true", False),
    "uv run, twice": (f"{RUN} {RUN.partition(' ')[2]} fastapi-scaffold", "true", False),
    "uv run, activated": (f"{RUN} fastapi-scaffold", f". {SCRIPTS}/activate", True),
    # What uvx sets, but for the installation.
    "uvx": (f"UV={UV} PATH={SCRIPTS}:$PATH fastapi-scaffold", "true", False),
    "activated": ("fastapi-scaffold", f". {SCRIPTS}/activate", True),
    "a path": (f"{SCRIPTS}/fastapi-scaffold", "true", False),
    "a path from here": ("FROM_HERE/fastapi-scaffold", "true", False),
    "a module": (f"{sys.executable} -m fastapi_scaffold", "true", False),
    "a link": ("fastapi-scaffold", "PATH=HERE/bin:$PATH", True),
    "a relative directory": ("fastapi-scaffold", "PATH=FROM_HERE:$PATH", False),
    "beside another of its name": (f"{SCRIPTS}/fastapi-scaffold", "PATH=HERE/other:$PATH", False),
}


def shell(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run `command` as on a machine on which neither uv nor the program was installed."""
    path = os.pathsep.join([str(directory / "system"), "/usr/bin", "/bin"])
    kept = {name: value for name, value in os.environ.items() if name.startswith(("GIT_", "UV_CACHE", "XDG_"))}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env={**kept, "PATH": path, "HOME": str(directory), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """Give a home with a link to the program, as an installation makes it, and another program of the same name."""
    if shutil.which("uv", path="/usr/bin:/bin"):
        pytest.skip("uv belongs to this system")
    for name in ("bin", "other"):
        (tmp_path / name).mkdir()
    for name in ("uv", "fastapi-scaffold"):
        (tmp_path / "bin" / name).symlink_to(SCRIPTS / name)
        (tmp_path / "other" / name).write_text("#!/bin/sh\necho another; exit 9\n")
        (tmp_path / "other" / name).chmod(0o755)
    return tmp_path


def here(text: str, directory: Path) -> str:
    """Put in the directory of the test."""
    return text.replace("FROM_HERE", os.path.relpath(SCRIPTS, directory)).replace("HERE", str(directory))


@pytest.mark.parametrize("way", WAYS)
def test_next_steps_work_as_they_are_printed(user: Path, way: str) -> None:
    command, before, by_name = WAYS[way]
    command, before = (here(text, user) for text in (command, before))
    done = shell(f"{before} && {command} new x -y --no-verify --json", user)
    report = json.loads(done.stdout or done.stderr)
    steps = [step for step in [*report["next_steps"], report["command_line"]] if not step.startswith("cd ")]
    assert len(steps) == 4
    words = {re.split(r" (?:verify|run|new)\b", step)[0] for step in steps}
    assert len(words) == 2, steps
    for word in words:
        assert word in {"uv", "fastapi-scaffold"} if by_name else os.sep in word
        tried = shell(f"{before} && cd x && {word} --version", user)
        assert (tried.returncode, tried.stderr) == (0, ""), word
    told = "Your shell does not find uv" in "".join(report["notes"])
    assert told is not by_name


def test_errors_propose_what_works_too(user: Path) -> None:
    for arguments in ("practices nosuch", "new --nosuch", "verify --on-existing x", "add customer"):
        done = shell(f"{RUN} fastapi-scaffold {arguments}", user)
        proposed = re.findall(r"^hint:.*?([^\s`]*fastapi-scaffold [\w -]+)", done.stderr, re.MULTILINE)
        assert proposed, done.stderr
        tried = shell(f"{proposed[0]} --help", user)
        assert tried.returncode == 0, proposed


def test_spaces_and_quotes_in_a_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "a b's" / "fastapi-scaffold"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho $*\n")
    script.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(script)])
    assert shell(typed("fastapi-scaffold verify"), tmp_path).stdout == "verify\n"


def test_a_module_without_a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", [str(CHECKOUT / "fastapi_scaffold/__main__.py")])
    monkeypatch.setattr("sys.path", [str(CHECKOUT), *sys.path])
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    monkeypatch.setattr("sys.executable", str(python))
    assert typed("fastapi-scaffold verify") == f"env PYTHONPATH={CHECKOUT} {python} -m fastapi_scaffold verify"


PROPOSED = re.compile(
    r"(?<!\A)\b(fastapi-scaffold (new|update|add|remove|verify|practices|questions|info)|uv (run|tool|sync|add))\b"
)
# What the program is called, where nothing is proposed.
NAMES = ("Generate a project and prove it. Asks", "Add a resource to a project: its code", "Answers for ")


def test_every_command_that_a_message_proposes_is_spelled_for_the_users_shell() -> None:
    """A text with a command in it goes through `typed`. What is only a command is a step, for the report to spell."""
    found = []
    for path in (CHECKOUT / "fastapi_scaffold").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        spelled = {id(part) for call in ast.walk(tree) if is_typed(call) for part in ast.walk(call)}
        spelled |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in spelled else ""
            if isinstance(text, str) and PROPOSED.search(text) and not text.startswith(NAMES):
                found.append((path.name, text))
    assert found == []


def is_typed(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "typed"
