"""Practices that the linter or the source as a whole can show."""

import subprocess
import sys

import pytest

from tests.inspection import ROOT, calls

practice = pytest.mark.practice


@pytest.fixture(scope="session")
def lint_rules() -> str:
    """Return the rules that are on for the application."""
    command = [sys.executable, "-m", "ruff", "check", "--show-settings", "app/main.py"]
    settings = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return settings.split("linter.rules.enabled = [")[1].split("]")[0]


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param("ASYNC210 ASYNC220 ASYNC230 ASYNC251", marks=practice("async-no-blocking-calls")),
        pytest.param("FAST002 B008", marks=practice("annotated-dependencies")),
        pytest.param("T201", marks=practice("no-print")),
    ],
)
def test_lint_rule_is_on(lint_rules: str, codes: str) -> None:
    assert [code for code in codes.split() if f"({code})" not in lint_rules] == []


@pytest.mark.parametrize(
    "names",
    [
        pytest.param("on_event add_event_handler", marks=practice("no-on-event")),
        pytest.param("get_event_loop", marks=practice("loop-from-running-loop")),
    ],
)
def test_nothing_calls(names: str) -> None:
    assert calls(*names.split()) == []
