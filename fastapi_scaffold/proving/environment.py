"""What the commands of a proof see of the environment: how to reach an index, and nothing that changes the outcome."""

import os
import sys

from fastapi_scaffold.system.processes import clean_environment

# Where uv finds packages and interpreters, and how it gets there. Its other variables decide what a project is: which
# groups are installed, whether the lock file is read. Images and shells set them for projects of their own.
_UV_KEPT = (
    "UV_CACHE_DIR",
    "UV_CONCURRENT_",
    "UV_CONFIG_FILE",
    "UV_CREDENTIALS_DIR",
    "UV_DEFAULT_INDEX",
    "UV_EXCLUDE_NEWER",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_",
    "UV_INDEX",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_LINK_MODE",
    "UV_NATIVE_TLS",
    "UV_NO_CACHE",
    "UV_NO_CONFIG",
    "UV_NO_INDEX",
    "UV_OFFLINE",
    "UV_PYTHON_INSTALL_",
    "UV_PYTHON_PREFERENCE",
    "UV_REQUEST_TIMEOUT",
    "UV_SYSTEM_CERTS",
)
_PYTHON_KEPT = ("PYTHONIOENCODING", "PYTHONPYCACHEPREFIX", "PYTHONUTF8")
_KEPT = (*_UV_KEPT, *_PYTHON_KEPT)
# Of tools that a project uses, whatever they say: the project's own configuration holds.
_DROPPED = ("APP_", "FASTAPI_ENV", "PYTEST_", "PYTHON", "RUFF_", "COVERAGE_", "UV", "VIRTUAL_ENV")
_COLOURS = {"FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE"}


def proof_environment(uv: str) -> dict[str, str]:
    """Return the environment for the commands of a proof, in which `uv` is found by its name."""
    environment = {
        name: value
        for name, value in clean_environment().items()
        if name not in _COLOURS and (name.startswith(_KEPT) or not name.startswith(_DROPPED))
    }
    # One retry: without a network the default of three takes 6 s to say so.
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", "UV_HTTP_RETRIES": "1"}
    # uv looks for interpreters on PATH; the one that runs this program works, but need not be there.
    own = os.path.dirname(getattr(sys, "_base_executable", sys.executable))  # noqa: PTH120 - a string is needed
    # The project's checks call uv by its name.
    directories = [environment.get("PATH", ""), own, os.path.dirname(uv)]  # noqa: PTH120
    environment["PATH"] = os.pathsep.join(filter(None, directories))
    return environment
