"""Workspaces of uv, in which a project has neither a lock file nor an environment of its own."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.files import read_toml


def check_no_workspace(destination: Path) -> None:
    """Raise ScaffoldError if uv would take a project at `destination` for a member of a workspace around it.

    Its commands would then change the lock file and the environment of the workspace. The nearest one counts:
    https://docs.astral.sh/uv/concepts/projects/workspaces/
    """
    for root in destination.parents:
        workspace = read_toml(root / "pyproject.toml").get("tool", {}).get("uv", {}).get("workspace")
        if not isinstance(workspace, dict):
            continue
        path = destination.relative_to(root).as_posix()
        if _matches(path, workspace.get("members", ())) and not _matches(path, workspace.get("exclude", ())):
            raise ScaffoldError(
                "in_a_workspace",
                f"{destination} would be a member of the uv workspace {root}, and have no lock file of its own."
                " Nothing was changed.",
                f'Name it in exclude = ["{path}"] below [tool.uv.workspace] in {root / "pyproject.toml"}.',
                ExitCode.USAGE,
            )
        return


def _matches(path: str, patterns: Sequence[str]) -> bool:
    """Tell whether one of `patterns` is for `path`: a star does not reach across a slash, two do."""
    parts = path.split("/")
    for pattern in patterns:
        wanted = pattern.strip("/").removeprefix("./").split("/")
        alike = len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
        if alike or ("**" in wanted and fnmatchcase(path, pattern)):
            return True
    return False
