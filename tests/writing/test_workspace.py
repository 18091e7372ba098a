"""A project inside of a uv workspace would have no lock file of its own."""

from pathlib import Path

import pytest

from tests.console import Cli


@pytest.mark.parametrize(
    ("workspace", "path", "refused"),
    [
        ('members = ["packages/*"]', "packages/api", True),
        ('members = ["./packages/*/"]', "packages/api", True),
        ('members = ["packages/**"]', "packages/a/api", True),
        ('members = ["packages/*"]', "packages/a/api", False),
        ('members = ["packages/*"]\nexclude = ["packages/api"]', "packages/api", False),
        ('members = ["libs/*"]', "packages/api", False),
        ("", "packages/api", False),
    ],
)
@pytest.mark.usefixtures("small_template")
def test_a_member_is_refused_with_the_way_out(
    run: Cli, workplace: Path, workspace: str, path: str, refused: bool
) -> None:
    (workplace / "pyproject.toml").write_text(f"[tool.uv.workspace]\n{workspace}\n")
    result = run("new", path, "-y", "--no-verify", "--no-config")
    assert result.code == (2 if refused else 0), result.err
    assert (workplace / path).exists() != refused
    if refused:
        assert f'exclude = ["{path}"]' in result.err
