"""A world for each test, and the two ways in which git can merge."""

from pathlib import Path

import pytest

from tests.updating.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give an empty world."""
    return World(tmp_path, monkeypatch)


@pytest.fixture(params=["merge-tree", "merge-recursive"])
def each_git(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test with what git has since 2.38, and with what it had before."""
    if request.param == "merge-recursive":
        monkeypatch.setattr("fastapi_scaffold.updating.merge.git_version", lambda: (2, 34))
    return str(request.param)
