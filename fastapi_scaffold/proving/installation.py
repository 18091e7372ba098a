"""The first step of a proof: uv installs the project as its lock file says."""

import shlex
import time
from pathlib import Path

from fastapi_scaffold.proving.environment import proof_environment
from fastapi_scaffold.proving.obstacles import PYPI, is_network, is_unfit_lock, lacks_python, registries, unavailable
from fastapi_scaffold.proving.steps import FAILED, NOT_PROVEN, PASSED, Step, attempt
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.files import read_toml
from fastapi_scaffold.system.processes import Completed, run
from fastapi_scaffold.system.uv_tool import find_uv
from fastapi_scaffold.writing.project import LOCK_FILE

# What decides of which index, and of which day, the versions are.
_CHOOSING = (
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_EXCLUDE_NEWER",
    "UV_CONFIG_FILE",
)


def install(directory: Path, *, locked: bool) -> tuple[str, Step]:
    """Install the project in `directory`; returns the uv that did, and how that ended.

    With `locked` its lock file has to fit, and is brought up to date otherwise.
    """
    try:
        uv = find_uv()
    except ScaffoldError as error:
        return "uv", Step("install", NOT_PROVEN, 0.0, "uv sync", f"{error.message}\n{error.hint}")
    started = time.perf_counter()
    command = ["sync", *(["--locked"] if locked and (directory / LOCK_FILE).exists() else [])]
    online = completed = _uv(uv, directory, *command)
    if completed.returncode != 0 and is_network(completed.output):
        command = [*command, "--offline"]
        completed = _uv(uv, directory, *command)
    status, detail, remedy = PASSED, "", ""
    if completed.returncode != 0:
        missing = unavailable(online.output, completed.output) or _misfit(uv, directory, online.output)
        status, detail = (NOT_PROVEN, missing) if missing else (FAILED, completed.output.strip())
        remedy = _remedy(completed.output)
    return uv, Step("install", status, time.perf_counter() - started, shlex.join(["uv", *command]), detail, remedy)


def _uv(uv: str, directory: Path, *command: str) -> Completed:
    return attempt(run, [uv, *command], directory, proof_environment(uv))


def _remedy(output: str) -> str:
    if python := lacks_python(output):
        return f"uv python install {python.split()[-1].lstrip('>=')}"
    return "uv lock" if is_unfit_lock(output) else ""


def _misfit(uv: str, directory: Path, output: str) -> str:
    """Return why a lock file is refused that fits the project: uv is told something on this machine; else nothing."""
    if not is_unfit_lock(output):
        return ""
    lock = read_toml(directory / LOCK_FILE)
    indexes = sorted(registries(lock)) or [PYPI]
    environment = {name: value for name, value in proof_environment(uv).items() if not name.startswith(_CHOOSING)}
    options = ["--offline", "--no-config", "--default-index", indexes[0]]
    if "exclude-newer" in lock.get("options", {}):
        options += ["--exclude-newer", lock["options"].get("exclude-newer-span", lock["options"]["exclude-newer"])]
    if attempt(run, [uv, "lock", "--check", *options], directory, environment).returncode != 0:
        return ""
    return (
        f"{LOCK_FILE} fits the project, which takes packages from {', '.join(indexes)}; but on this machine uv is told"
        " something else, by variables or by its configuration, such as another index or exclude-newer."
    )
