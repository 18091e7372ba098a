"""What several practices look at."""

import tomllib
from typing import Any
from unittest.mock import patch

import pytest

from app.__main__ import main
from tests.inspection import ROOT


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture
def server_options(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, Any]:
    """Return what `python -m app` tells the server."""
    options: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda _app, **given: options.update(given))
    monkeypatch.setattr("signal.signal", lambda _signal, _handler: None)
    with patch.dict("os.environ", environment):
        main()
    return options
