"""Child processes: a clean environment, captured output, and no child that outlives a cancelled command."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.system.interrupts import shielded

# Who the user is, what they have configured, how to reach a server. Others point git at another repository.
_GIT_KEPT = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_SSL_",
    "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    # Configuration that comes with the environment, as images have it, is the user's like that in their home.
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Completed:
    """How a child ended. `output` is what it wrote, both streams as they came."""

    returncode: int
    output: str


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables that point git at another repository, as inside a git hook."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_GIT_KEPT)
    }


def users_path() -> str:
    """Return the PATH of the shell that the user types in, without what is relative to where they are now.

    It is not always the one of this process: `uv run` and `uvx` put the program's environment in front of it.
    """
    directories = [name for name in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(name)]  # noqa: PTH117
    # Every uv that runs something says so by this variable, and puts the environment once in front.
    depth = os.environ.get("UV_RUN_RECURSION_DEPTH", "")
    levels = (int(depth) if depth.isdecimal() else 1) if os.environ.get("UV") else 0
    added = dict.fromkeys(directories, levels)
    while directories and added[directories[0]] and _is_ours(Path(directories[0])):
        added[directories[0]] -= 1
        del directories[0]
    return os.pathsep.join(directories)


def _is_ours(scripts: Path) -> bool:
    """Tell whether this process runs in the environment with these scripts; `--with` stacks several."""
    prefix = scripts.parent
    return (prefix / "pyvenv.cfg").is_file() and any(Path(name).is_relative_to(prefix) for name in sys.path)


class Children:
    """Children that run at the same time, from several threads, and can be stopped together."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str], limit: float | None = None
    ) -> Completed:
        """Run `command` to its end. Raises OSError if it cannot be started, or if the others were stopped before.

        Raises TimeoutError if it does not end within `limit` seconds.
        """
        child = self._start(command, directory, environment)
        try:
            output, _ = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired as error:
            _stop(child)
            child.communicate()
            words = " ".join(map(str, command))
            raise TimeoutError(f"`{words}` did not end within {limit:g} seconds.") from error
        except BaseException:
            self.stop()
            raise
        finally:
            with self._lock:
                self._running.discard(child)
        return Completed(child.returncode, output)

    def _start(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str]
    ) -> "subprocess.Popen[str]":
        with self._lock:
            if self._stopped:
                raise InterruptedError
            # In a session of its own a child does not see the terminal's Ctrl-C; stop() decides when it ends.
            child = subprocess.Popen(  # noqa: S603 - no shell; the commands are ours or the project's own checks
                command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(child)
        return child

    def stop(self) -> None:
        """End every child that still runs, with everything it started, and start no more."""
        with shielded():
            with self._lock:
                self._stopped = True
                children = list(self._running)
            for child in children:
                _stop(child)


def run(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], limit: float | None = None
) -> Completed:
    """Run one `command` to its end. Raises OSError if it cannot be started, or does not end within `limit` seconds."""
    return Children().run(command, directory, environment, limit)


def _stop(child: subprocess.Popen[str]) -> None:
    # Ctrl-C first: pytest then closes what its fixtures opened.
    _signal_group(child, signal.SIGINT)
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
    _signal_group(child, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal_group(child: subprocess.Popen[str], number: int) -> None:
    if hasattr(os, "killpg"):
        # The group is gone when the child and all that it started have ended.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
    else:
        child.terminate()
