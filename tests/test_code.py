"""This repository keeps the rules that it hands out."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ["fastapi_scaffold", "tests", "benchmarks", "tools"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "--no-fix", *OURS], id="lint"),
        pytest.param(["ruff", "format", "--check", *OURS], id="format"),
        pytest.param(["ty", "check", *OURS], id="ty"),
        pytest.param(["lint-imports", "--no-cache"], id="layers"),
        pytest.param(["actionlint", ".github/workflows/ci.yml"], id="workflow"),
        pytest.param(["zizmor", "--offline", "--quiet", ".github"], id="workflow-security"),
        pytest.param(["mypy", "--strict", "fastapi_scaffold", "tools"], id="mypy"),
    ],
)
def test_the_code_is_clean(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
