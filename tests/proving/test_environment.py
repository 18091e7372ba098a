"""What images and shells set for projects of their own changes no proof."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_scaffold.proving.environment import proof_environment
from tests.console import Cli

DECIDING = """\
APP_SECRET_KEY COVERAGE_FILE FORCE_COLOR PYTEST_ADDOPTS PYTHONDONTWRITEBYTECODE PYTHONOPTIMIZE PYTHONPATH
PYTHONWARNDEFAULTENCODING PYTHONWARNINGS RUFF_CONFIG UV_ENV_FILE UV_EXTRA UV_FROZEN UV_LOCKED UV_NO_DEV
UV_NO_DEFAULT_GROUPS UV_NO_SYNC UV_PRERELEASE UV_PROJECT UV_PROJECT_ENVIRONMENT UV_PYTHON UV_RESOLUTION
UV_WORKING_DIRECTORY VIRTUAL_ENV"""
REACHING = """\
HTTPS_PROXY SSL_CERT_FILE UV_CACHE_DIR UV_DEFAULT_INDEX UV_EXCLUDE_NEWER UV_HTTP_TIMEOUT UV_INDEX_OURS_PASSWORD
UV_INDEX_URL UV_OFFLINE UV_PYTHON_INSTALL_DIR UV_SYSTEM_CERTS"""


def test_only_how_to_reach_an_index_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in f"{DECIDING} {REACHING}".split():
        monkeypatch.setenv(name, "x")
    seen = proof_environment("/opt/uv").keys()
    assert [name for name in DECIDING.split() if name in seen] == []
    assert [name for name in REACHING.split() if name not in seen] == []


@pytest.mark.usefixtures("small_template", "practices", "fake_uv")
def test_a_step_that_does_not_end_is_ended(
    run: Cli, project: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    project("def test_nothing():\n    pass\n")
    monkeypatch.setenv("FASTAPI_SCAFFOLD_STEP_SECONDS", "2")
    monkeypatch.setenv("FAKE_UV_LINT", "sleep 60")
    result = run("verify", "app")
    assert result.code == 5
    assert "run --no-sync lint` did not end within 2 seconds." in result.out
