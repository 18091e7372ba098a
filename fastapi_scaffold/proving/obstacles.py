"""What is wrong with the machine and not with the project, as uv tells it; and what only this machine is told."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi_scaffold.system.files import read_toml
from fastapi_scaffold.writing.project import LOCK_FILE

# What uv says when the network is the reason.
_NETWORK = re.compile(
    r"Failed to fetch|dns error|Request failed|Could not connect|\(Connect\)|error sending request|timed out"
)
# What uv says when its cache has to do and does not.
_UNAVAILABLE = re.compile(r"network was disabled|wasn't found in the cache")
_NO_PYTHON = re.compile(r"No interpreter found for (.+?)(?: in |$)", re.MULTILINE)
_PACKAGE = re.compile(r"Failed to \w+ `([\w.-]+)|Because ([\w.-]+) was not found|/simple/([\w.-]+)/")
_ADDRESS = re.compile(r"https?://[^\s`)]*[^\s`):]")
# Of the causes that uv lists, the last is the first of them all. Before 0.13 they were "Caused by".
_CAUSE = re.compile(r"^\s*(?:cause|Caused by): (.+)$", re.MULTILINE)
_ERROR = re.compile(r"^error: (.+)$", re.MULTILINE)
_HINT = re.compile(r"^hint: (.+)$", re.MULTILINE)
# By their numbers on Linux and macOS: not permitted, not allowed, no memory, too many files, read-only, full, quotas.
_SYSTEM = re.compile(r"\(os error (?:1|12|13|23|24|28|30|69|122)\)|Failed to initialize cache|No space left on device")
# How a project's test run says that something outside it is missing, such as a database server.
_MISSING = re.compile(r"^(?:ERROR: |Exit: |!+ _pytest\.outcomes\.Exit: )?not proven: (.+?)(?: !+)?$", re.MULTILINE)
_COOLDOWN = re.compile(r"exclude.newer time")
_UNFIT_LOCK = re.compile(r"lockfile at .* needs to be updated")
PYPI = "https://pypi.org/simple"


def lacks_python(output: str) -> str:
    """Return which Python uv has not found, or nothing."""
    found = _NO_PYTHON.search(output)
    return found[1] if found else ""


def is_network(output: str) -> bool:
    """Tell whether uv has failed at fetching something."""
    return bool(_NETWORK.search(output))


def is_unfit_lock(output: str) -> bool:
    """Tell whether uv would have to change the lock file, and must not."""
    return bool(_UNFIT_LOCK.search(output))


def outside(output: str) -> str:
    """Return what a command that wrote `output` lacks outside of the project, or nothing.

    Such as a server that its tests need, time, or what the system refuses: space, permissions, memory.
    """
    if found := _MISSING.search(output):
        return found[1]
    line = next((line for line in output.splitlines() if _SYSTEM.search(line)), "")
    return f"This machine is in the way: {re.sub('^ *(error|cause|Caused by): ', '', line).strip()}" if line else ""


def unavailable(online: str, offline: str) -> str:
    """Return what this machine lacks to install the project, by the output of uv with a network and without one.

    Nothing if that is not the problem.
    """
    if python := lacks_python(f"{online}\n{offline}"):
        return f"There is no {python} on this machine."
    if is_network(online) or _UNAVAILABLE.search(offline):
        return _unreachable(online, offline)
    if _COOLDOWN.search(online):
        causes = _CAUSE.findall(online) or _ERROR.findall(online)
        return f"uv is told to leave out what was published lately: {causes[-1]}"
    return outside(online)


def _unreachable(online: str, offline: str) -> str:
    found = next(filter(None, map(_PACKAGE.search, (offline, online))), None)
    what = next(filter(None, found.groups())) if found else "what the project needs"
    address = _ADDRESS.search(online)
    where = f"cannot reach {urlsplit(address[0]).netloc.rpartition('@')[2]}" if address else "has no network"
    causes = _CAUSE.findall(online)
    why = [f"uv says: {cause}" for cause in causes[-1:]]
    return "\n".join([f"uv {where}, and its cache lacks {what}.", *why, *_HINT.findall(online)])


def machine_settings(project: Path) -> tuple[str, ...]:
    """Return what to say of a lock file that has settings of this machine in it: others would refuse it."""
    lock, configured = (
        read_toml(project / LOCK_FILE),
        read_toml(project / "pyproject.toml").get("tool", {}).get("uv", {}),
    )
    told = {}
    if "exclude-newer" in lock.get("options", {}) and "exclude-newer" not in configured:
        told["exclude-newer"] = "leave out what was published lately (exclude-newer)"
    if "index" not in configured and (others := sorted(one for one in registries(lock) if one.rstrip("/") != PYPI)):
        told["index"] = f"take packages from {', '.join(others)}"
    return tuple(
        f"{LOCK_FILE} says what uv is told on this machine: to {what}. Where it is told something else, such as in a"
        f" pipeline, uv refuses the file; write it below [tool.uv] in pyproject.toml as well ({name})."
        for name, what in told.items()
    )


def registries(lock: dict[str, Any]) -> set[str]:
    """Return the indexes that a lock file names, without the credentials that addresses may have."""
    sources = (package.get("source", {}) for package in lock.get("package", []))
    return {source["registry"] for source in sources if "registry" in source}
