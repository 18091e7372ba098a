"""This repository keeps the rules that it hands out."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = ["fastapi_scaffold", "benchmarks", "tools"]
OURS = [*PROGRAMS, "tests"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "--no-fix", *OURS], id="lint"),
        # Of the tests it knows too few types to see all.
        pytest.param(
            [
                "ruff",
                "check",
                "--no-fix",
                "--preview",
                "--select",
                "PLW1514",
                "fastapi_scaffold",
                "benchmarks",
                "tools",
            ],
            id="encodings",
        ),
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


PACKAGE = sorted((ROOT / "fastapi_scaffold").rglob("*.py"))


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_fits_a_head_and_a_function_a_screen(path: Path) -> None:
    source = path.read_text()
    limit = 150 if path.parent.name == "commands" else 300
    assert len(source.splitlines()) <= limit
    assert [name for name, lines in functions(source) if lines > 30] == []


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield the name of each function, and how many lines it has with its signature and docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1
