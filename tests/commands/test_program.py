"""The program as a whole: help, version, completion, interruptions, and how much it costs to start."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import fastapi_scaffold
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.console import Cli, environment, normalise, spawn, tree


def test_short_help(run: Cli) -> None:
    assert run("-h") == run("--help")


def test_a_bug_has_a_traceback_for_who_asks(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi_scaffold.commands.practices.load_practices", lambda: 1 / 0)
    assert "Traceback" not in run("practices").err
    monkeypatch.setenv("FASTAPI_SCAFFOLD_TRACEBACK", "1")
    assert "Traceback" in run("practices").err


def test_help_of_new_has_a_flag_with_all_choices_for_each_question(run: Cli) -> None:
    shown = run("new", "--help").out
    for question in load_questionnaire(template_root()).questions:
        assert f"  {question.flag} {'|'.join(question.values) or 'TEXT'}" in shown
        assert question.help in " ".join(shown.split())


def test_as_a_module(tmp_path: Path) -> None:
    assert spawn("--version", directory=tmp_path).out == "fastapi-scaffold <version>\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "completed_to"),
    [
        ("new --database sq", "sqlite"),
        ("practices commit-", "commit-before-response"),
        ("remove inv", "invoice"),
        ("remove --project=. inv", "invoice"),
        ("remove --project=nowhere inv", ""),
    ],
)
def test_completion(tmp_path: Path, shell: str, typed: str, completed_to: str) -> None:
    (tmp_path / ".copier-answers.yml").write_text("_src_path: x\nresources: bill a:str; invoice/invoices b:str\n")
    words = f"fastapi-scaffold {typed}"
    completed = spawn(
        directory=tmp_path,
        _FASTAPI_SCAFFOLD_COMPLETE=f"complete_{shell}",
        COMP_WORDS=words,
        COMP_CWORD=str(words.count(" ")),
        _TYPER_COMPLETE_ARGS=words,
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert (completed.code, completed.err) == (0, "")
    assert (completed_to in completed.out) if completed_to else ("invoice" not in completed.out)
    script = spawn(directory=tmp_path, _FASTAPI_SCAFFOLD_COMPLETE=f"source_{shell}")
    assert (script.code, script.err) == (0, "")
    assert "_FASTAPI_SCAFFOLD_COMPLETE" in script.out


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    command = f"{sys.executable} -m fastapi_scaffold practices | head -n 1"
    done = subprocess.run(command, shell=True, env=environment(), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Application structure\n", "")


def test_no_home_no_locale_no_write_access_to_bytecode(tmp_path: Path) -> None:
    result = spawn(
        "new",
        "x",
        "-y",
        "--no-verify",
        "-q",
        directory=tmp_path,
        HOME=None,
        LANG=None,
        LC_ALL="C",
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / "x" / "pyproject.toml").exists()


# ── stopping ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WHILE_RENDERING = """
import time
import fastapi_scaffold.writing.engine

def render(answers, destination):
    (destination / "half").write_text("half")
    print("now", flush=True)
    time.sleep(60)

fastapi_scaffold.writing.engine.render = render
"""
WHILE_PROVING = """
import threading, time, pathlib

def watch():
    while not pathlib.Path("started").exists():
        time.sleep(0.01)
    print("now", flush=True)

threading.Thread(target=watch, daemon=True).start()
"""


def interrupted(before: str, number: int, directory: Path, *arguments: str) -> tuple[int, str, str]:
    """Run `before` and then the command; send the signal when "now" is printed."""
    # Whoever runs the tests may have nohup ignore the closed terminal.
    heeded = "import signal, sys\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    script = f"{heeded}{before}\nfrom fastapi_scaffold.__main__ import main\nsys.argv[1:] = {arguments!r}\nmain()\n"
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=directory,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "now\n"
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    return child.returncode, normalise(out, directory), normalise(err, directory)


def alive(pid: Path) -> bool:
    """Tell whether the process whose number is in the file, or one of its session, still runs."""
    sessions = subprocess.run(["ps", "-e", "-o", "sess=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in sessions.splitlines())
    return any(session == pid.read_text().strip() and not state.startswith("Z") for session, state in rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_stopped_while_rendering(workplace: Path, number: int, form: list[str]) -> None:
    code, out, err = interrupted(WHILE_RENDERING, number, workplace, "new", "deep/er/x", "-y", *form)
    assert code == 130
    if form:
        assert json.loads(out)["error"] == {
            "code": "cancelled",
            "message": "Cancelled, nothing was written.",
            "hint": "",
        }
    else:
        assert (out, err) == ("", "Cancelled, nothing was written.\n")
    assert tree(workplace) == []


@pytest.mark.usefixtures("fake_uv")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_stopped_while_proving(workplace: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setenv("FAKE_UV_SYNC", f"echo $$ > {workplace}/started; sleep 60; touch {workplace}/survived")
    code, _, err = interrupted(WHILE_PROVING, number, workplace, "new", "x", "-y")
    assert code == 130
    assert not (workplace / "survived").exists()
    assert err.endswith("Cancelled, x was created but not proven.\n\nhint: Prove it with: fastapi-scaffold verify x\n")
    assert (workplace / "x" / "pyproject.toml").exists()
    assert not alive(workplace / "started")


def test_nohup_is_heeded(workplace: Path) -> None:
    """Who says that a terminal may be closed means it."""
    script = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from fastapi_scaffold.system import interrupts; interrupts.install()\n"
        "os.kill(os.getpid(), signal.SIGHUP)\n"
        "with interrupts.shielded(): pass\n"
        "os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('lives')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "lives\n")


@pytest.mark.usefixtures("fake_uv")
def test_stopped_while_checking(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_UV_SYNC", "true")
    (workplace / "bin").mkdir()
    slow = workplace / "bin" / "ruff"
    slow.write_text(f"#!/bin/sh\necho $$ > {workplace}/started\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{os.environ['PATH'].split(os.pathsep)[0]}:{workplace}/bin:/usr/bin:/bin")
    code, _, err = interrupted(WHILE_PROVING, signal.SIGINT, workplace, "new", "x", "-y")
    assert code == 130
    assert "x was created but not proven" in err
    assert not alive(workplace / "started")


# ── speed ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def cpu(*command: str) -> float:
    """Return the least CPU time of some runs, in milliseconds."""
    times = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True, env=environment(PYTHONDONTWRITEBYTECODE=None))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times) * 1000


@pytest.mark.slow
def test_help_is_quick() -> None:
    bare = cpu(sys.executable, "-c", "pass")
    # Budget 100 ms; a busy machine gets half as much again.
    assert cpu(sys.executable, "-m", "fastapi_scaffold", "--help") - bare < 150


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from fastapi_scaffold.cli import run; run(['--help']); run(['new', '--help']);"
        "run(['add', '--help']);"
        "heavy = {'copier', 'jinja2', 'questionary', 'prompt_toolkit', 'rich', 'pydantic', 'importlib.metadata'};"
        "sys.exit(str(heavy & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_version_is_the_packages() -> None:
    from importlib.metadata import version

    assert version("proven-fastapi") == fastapi_scaffold.__version__
