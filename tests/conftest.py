"""What all tests share: no test sees the user's git, colours or uv settings."""

import os
import sys
from pathlib import Path

import pytest

HERMETIC = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "80", "TERM": "dumb"}
FOREIGN = (
    "NO_COLOR",
    "FORCE_COLOR",
    "UV",
    "UV_RUN_RECURSION_DEPTH",
    "UV_OFFLINE",
    "VIRTUAL_ENV",
    "PYTHONUNBUFFERED",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
)


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    for name, value in HERMETIC.items():
        monkeypatch.setenv(name, value)
    # What an installation puts on PATH is found there, whoever runs the tests.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
