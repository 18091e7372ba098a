"""`verify`, and the proof at the end of `new`."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console import Cli
from tests.terminal import Terminal

Make = Callable[[str], Path]

PROVEN = """
@pytest.mark.practice("alpha")
def test_alpha():
    pass

@pytest.mark.practice("beta")
@pytest.mark.parametrize("n", [1, 2])
def test_b(n):
    pass
"""
FAILING = PROVEN.replace("def test_alpha():\n    pass", "def test_alpha():\n    assert 1 == 2")
SKIPPED = PROVEN.replace("def test_alpha():\n    pass", "def test_alpha():\n    pytest.skip('no')")

pytestmark = pytest.mark.usefixtures("small_template", "practices", "fake_uv")


def proof(run: Cli, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.err == ""
    return result.code, json.loads(result.out)["proof"]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_on_a_terminal_words_stay_whole(project: Make, workplace: Path, columns: int) -> None:
    project(FAILING)
    # The real catalogue: most of it is unproven here, which makes a long report.
    terminal = Terminal(workplace, "verify", "app", columns=columns, rows=1500)
    assert terminal.end() == 3
    lines = terminal.screen.splitlines()
    assert any(line.startswith("✗ test") for line in lines)
    assert "proof FAILED in" in terminal.words
    assert "verbose names each practice" in terminal.words


def test_json(run: Cli, project: Make) -> None:
    directory = project(PROVEN)
    result = run("verify", "app", "--json")
    report = json.loads(result.out)
    for step in report["proof"]["steps"]:
        assert isinstance(step.pop("seconds"), float)
    assert report == {
        "command": "verify",
        "ok": True,
        "project": "<tmp>/app",
        "proof": {
            "status": "passed",
            "steps": [
                {"name": "install", "status": "passed", "command": "uv sync"},
                {"name": "lint", "status": "passed", "command": "uv run --no-sync lint"},
                {"name": "test", "status": "passed", "command": "uv run --no-sync pytest"},
            ],
            "tests": {"passed": 3, "failed": 0, "skipped": 0},
            "coverage": None,
            "practices": {"proven": ["alpha", "beta"], "failed": [], "unproven": []},
        },
        "notes": [],
        "next_steps": [],
    }
    assert directory.is_dir()


def test_a_failing_test_fails_its_practice_and_the_proof(run: Cli, project: Make) -> None:
    project(FAILING)
    result = run("verify", "app")
    assert result.code == 3
    assert proof(run, "verify", "app")[1]["practices"] == {"proven": ["beta"], "failed": ["alpha"], "unproven": []}


def test_a_long_message_is_shortened(run: Cli, project: Make) -> None:
    project(f"def test_own():\n    raise ValueError('{'long ' * 200}')\n")
    line = next(line for line in run("verify", "app").out.splitlines() if "ValueError" in line)
    assert len(line) < 230
    assert line.endswith("...")


def test_a_failing_test_without_a_practice_is_named_too(run: Cli, project: Make) -> None:
    project(PROVEN + "\ndef test_own():\n    assert 1 == 2\n")
    result = run("verify", "app")
    assert result.code == 3
    assert (
        "\nFailed: test_it.py::test_own\n  test_it.py:14  assert 1 == 2\n  Try:  uv run pytest 'test_it.py::test_own'\n"
    ) in result.out
    assert "short test summary" not in result.out
    assert "short test summary" in run("verify", "app", "--verbose").out


@pytest.mark.parametrize("tests", [SKIPPED, PROVEN.replace('@pytest.mark.practice("alpha")', "")])
def test_a_practice_that_no_test_proves_is_not_proven(run: Cli, project: Make, tests: str) -> None:
    project(tests)
    code, report = proof(run, "verify", "app")
    assert (code, report["status"]) == (5, "not_proven")
    assert report["practices"] == {"proven": ["beta"], "failed": [], "unproven": ["alpha"]}
    assert "? alpha" in run("verify", "app").out


def test_where_most_practices_have_no_test_they_are_counted_and_listed_only_when_asked(run: Cli, project: Make) -> None:
    project("import nowhere\n")
    said = run("verify", "app")
    assert said.code == 3
    assert "\n? Of 2 practices 2 have no test that ran.\n" in said.out
    assert "no test ran\n" not in said.out
    assert "  Try:  uv run pytest 'test_it.py'\n" in said.out
    assert run("verify", "app", "--verbose").out.count("no test ran\n") == 2


def test_only_what_the_answers_ask_for_must_be_proven(run: Cli, project: Make) -> None:
    directory = project(PROVEN.partition("\n\n")[0])
    answers = directory / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("sqlite", "none"))
    assert proof(run, "verify", "app")[0] == 0


def test_a_missing_server_is_not_a_failure(run: Cli, project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    project(PROVEN)
    monkeypatch.setenv("FAKE_UV_LINT", "echo 'ERROR: not proven: there is no PostgreSQL'; exit 4")
    code, report = proof(run, "verify", "app")
    assert (code, report["status"]) == (5, "not_proven")
    assert "Not proven: lint\n  there is no PostgreSQL\n" in run("verify", "app").out


def test_the_environment_of_the_caller_does_not_leak_into_the_checks(
    run: Cli, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = ["APP_X", "FASTAPI_ENV", "PYTHONPATH", "VIRTUAL_ENV", "GIT_DIR", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME"]
    foreign += ["UV_PROJECT", "FORCE_COLOR", "PYTEST_PLUGINS"]
    project(f"import os\n\ndef test_it():\n    assert not set({foreign}) & set(os.environ)\n")
    for name in foreign:
        if name != "PYTHONHOME":  # which would keep this test's own Python from starting
            monkeypatch.setenv(name, "/nowhere")
    report = proof(run, "verify", "app")[1]
    assert report["tests"] == {"passed": 1, "failed": 0, "skipped": 0}


def test_two_test_runs_count_together(run: Cli, project: Make) -> None:
    directory = project(PROVEN)
    document = directory / "pyproject.toml"
    document.write_text(
        document.read_text()
        .replace('lint = "lint"', 'lint = "pytest -k alpha"')
        .replace('pytest"', 'pytest -k test_b"', 1)
    )
    code, report = proof(run, "verify", "app")
    assert code == 0, report
    assert report["practices"] == {"proven": ["alpha", "beta"], "failed": [], "unproven": []}


# What a project asks of uv itself.
CHECKS = """\
[tool.poe.tasks]
lock = "uv lock --check"
check = ["lock"]
"""


def test_checks_find_a_uv_that_is_not_on_path(run: Cli, project: Make, hidden_uv: Path) -> None:
    directory = project("")
    (directory / "pyproject.toml").write_text(CHECKS)
    (directory / ".copier-answers.yml").write_text("_src_path: https://example.org\n_commit: v1\n")
    steps = proof(run, "verify", "app")[1]["steps"]
    assert [step["status"] for step in steps] == ["passed", "passed"], steps


# ── installing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lock_is_respected(run: Cli, project: Make, fake_uv: Path) -> None:
    (project(PROVEN) / "uv.lock").touch()
    run("verify", "app")
    assert "sync sync --locked\n" in fake_uv.read_text()


OFFLINE = (
    'case "$*" in *--offline*) {} ;; *) echo "error: Failed to fetch: `https://x`"; echo "dns error"; exit 2;; esac'
)


def test_without_a_network_the_cache_will_do(
    run: Cli, project: Make, fake_uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(PROVEN)
    monkeypatch.setenv("FAKE_UV_SYNC", OFFLINE.format("true"))
    assert proof(run, "verify", "app")[0] == 0
    assert "sync sync\nsync sync --offline\n" in fake_uv.read_text()


def test_without_network_and_cache_it_is_not_proven(run: Cli, project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    project(PROVEN)
    unavailable = (
        'echo "error: No solution found when resolving dependencies"; '
        'echo "  cause: Because alembic was not found in the cache and your project depends on alembic>=1, we"; '
        'echo "hint: Packages were unavailable because the network was disabled."; exit 1'
    )
    monkeypatch.setenv("FAKE_UV_SYNC", OFFLINE.format(unavailable))
    result = run("verify", "app")
    assert result.code == 5
    assert "Not proven: install\n  uv cannot reach x, and its cache lacks alembic.\n" in result.out
    assert [step["status"] for step in proof(run, "verify", "app")[1]["steps"]] == ["not_proven", "skipped", "skipped"]
    assert result.out.endswith("NOT PROVEN in <time>. 0 practices proven, 2 unproven; 0 tests passed.\n")


def test_without_the_python_it_is_not_proven(run: Cli, project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    project(PROVEN)
    message = "error: No interpreter found for Python >=3.99 in managed installations or search path"
    monkeypatch.setenv("FAKE_UV_SYNC", f'echo "{message}"; exit 2')
    result = run("verify", "app")
    assert result.code == 5
    assert "There is no Python >=3.99 on this machine." in result.out


def test_an_old_uv_is_not_used(run: Cli, project: Make, fake_uv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(PROVEN)
    monkeypatch.setenv("FAKE_UV_VERSION", "0.8.24")
    monkeypatch.setitem(sys.modules, "uv", None)
    result = run("verify", "app")
    assert result.code == 5
    assert "is older than 0.9." in result.out
    assert fake_uv.read_text() == ""


# ── projects ──────────────────────────────────────────────────────────────────────────────────────────────────────────


# ── at the end of `new` ───────────────────────────────────────────────────────────────────────────────────────────────


def test_new_proves_and_commits_the_lock(run: Cli, workplace: Path) -> None:
    code, report = proof(run, "new", "x", "-y")
    assert [step["name"] for step in report["steps"]] == ["install", "lint", "test"]
    files = subprocess.run(["git", "ls-files"], cwd=workplace / "x", capture_output=True, text=True, check=True).stdout
    assert "uv.lock" in files.splitlines()
    assert (code, report["status"]) == (3, "failed")  # the small template has no tests, which fails pytest


def test_new_keeps_and_commits_a_project_that_cannot_be_installed(
    run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV_SYNC", OFFLINE.format("echo network was disabled; exit 1"))
    assert run("new", "x", "-y").code == 5
    subprocess.run(["git", "log", "-1"], cwd=workplace / "x", capture_output=True, check=True)


def test_ascii_where_the_terminal_knows_no_more(project: Make, workplace: Path) -> None:
    project(PROVEN)
    child = subprocess.run(
        [sys.executable, "-m", "fastapi_scaffold", "verify", "app"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert b"+ test" in child.stderr
    child.stdout.decode("ascii")


BROKEN = """
@pytest.fixture
def database():
    raise RuntimeError("two heads")

@pytest.mark.practice("alpha")
@pytest.mark.parametrize("n", range(60))
def test_alpha(database, n):
    pass

@pytest.mark.practice("beta")
def test_b(database):
    pass

@pytest.mark.parametrize("name", ["gamma", "delta", "epsilon", "zeta"])
def test_more(request, name):
    request.node.user_properties.append(("practice", name))
    request.getfixturevalue("database")

def test_own(database):
    pass
"""


def test_one_cause_is_told_once(run: Cli, project: Make) -> None:
    project(BROKEN)
    said = run("verify", "app").out
    assert said.count("two heads") == 1
    assert "\nFailed: 66 tests, for one reason\n  test_it.py:" in said
    assert "  Practices that only this keeps from being proven: 6; --verbose names them\n" in said
    assert "alpha: " not in said
    assert len(said.splitlines()) < 20
    verbose = run("verify", "app", "--verbose").out
    assert verbose.count("RuntimeError: two heads") > 66
    assert all(f"({name})" in verbose for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta"))
    assert "\nFailed: test_it.py::test_own\n" in verbose


def test_a_practice_that_failed_of_something_else_too_is_told_in_full(run: Cli, project: Make) -> None:
    more = '\n@pytest.mark.practice("beta")\ndef test_c():\n    assert 1 == 2\n'
    project(BROKEN.replace("range(60)", "range(2)").replace(', "delta", "epsilon", "zeta"', "") + more)
    said = run("verify", "app").out
    assert (said.count("two heads"), said.count("assert 1 == 2")) == (1, 1)
    assert "  Practices that only this keeps from being proven: alpha, gamma\n" in said
    assert re.search(r"\nFailed: Do beta \(beta\)\n  test_it\.py:\d+  assert 1 == 2\n", said)


def test_the_same_words_at_different_places_are_different_causes(run: Cli, project: Make) -> None:
    project(PROVEN.replace("    pass", "    assert 1 == 2"))
    said = run("verify", "app").out
    assert "for one reason" not in said
    assert re.search(r"\nFailed: Do alpha \(alpha\)\n  test_it\.py:\d+  assert 1 == 2\n", said)
    assert re.search(r"\n  test_it\.py:\d+  assert 1 == 2 \(2 tests\)\n", said)


def test_what_cannot_be_imported_is_told_once(run: Cli, project: Make) -> None:
    directory = project("import nowhere\n")
    for name in ("a", "b"):
        (directory / f"test_{name}.py").write_text("import nowhere\n")
    said = run("verify", "app").out
    assert said.count("No module named 'nowhere'") == 1
    assert "\nFailed: 3 tests, for one reason\n" in said
