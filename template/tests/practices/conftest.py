"""What several practices look at."""

import tomllib
from typing import Any
from unittest.mock import patch

import pytest

from app.__main__ import main
from tests.inspection import text_of


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


@pytest.fixture
def server_options(environment: dict[str, str]) -> dict[str, Any]:
    """Return what `python -m app` tells the server."""
    with patch.dict("os.environ", environment), patch("signal.signal") as on, patch("uvicorn.run") as run:
        main()
    return {**run.call_args.kwargs, "stop": on.call_args.args[1]}
