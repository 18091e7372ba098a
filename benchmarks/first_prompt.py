"""`--help` and the first question, against peers that are installed from PyPI for this run."""

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import cpu_of, environment, interleaved

BIN = Path(sys.executable).parent
PEERS = ("cookiecutter", "copier", "aegis-stack")


def install(directory: Path) -> Path:
    """Install the peers into a fresh environment, compiled as pip does it; returns where their programs are."""
    uv = [BIN / "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, directory], check=True)
    subprocess.run([*uv, "pip", "install", "--compile-bytecode", "--python", directory, *PEERS], check=True)
    return directory / "bin"


def templates(directory: Path) -> tuple[Path, Path]:
    """Make the smallest template with a question, for Copier and for cookiecutter."""
    copier, cookiecutter = directory / "copier", directory / "cookiecutter"
    copier.mkdir()
    (copier / "copier.yml").write_text("name: {type: str, help: What is its name}\n")
    (cookiecutter / "{{ cookiecutter.name }}").mkdir(parents=True)
    (cookiecutter / "cookiecutter.json").write_text(json.dumps({"name": "What is its name"}))
    return copier, cookiecutter


def wait_for(text: str, command: Sequence[str | Path]) -> float:
    """Return how long it takes from starting `command` on a terminal until it shows `text`, in ms."""
    own, theirs = pty.openpty()
    started = time.perf_counter()
    settings = {**environment(), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "80", "LINES": "24"}
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=settings, start_new_session=True)
    os.close(theirs)
    seen = b""
    try:
        while text.encode() not in seen:
            if not select.select([own], [], [], 30)[0]:
                raise TimeoutError(f"{command} does not show {text!r}: {seen!r}")
            seen += os.read(own, 65536)
        return (time.perf_counter() - started) * 1000
    finally:
        child.kill()
        child.wait()
        os.close(own)


def against_peers(rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the CPU of `--help`, and the time to the first question, for us and for each peer."""
    with tempfile.TemporaryDirectory() as scratch:
        theirs = install(Path(scratch, "peers"))
        copier, cookiecutter = templates(Path(scratch))
        place = Path(scratch, "place")
        ours = BIN / "fastapi-scaffold"
        helps = {"fastapi-scaffold": ours, **{name: theirs / name.removesuffix("-stack") for name in PEERS}}
        prompts: dict[str, tuple[str, list[str | Path]]] = {
            "fastapi-scaffold": ("How do you want to begin?", [ours, "new", place]),
            "cookiecutter": ("What is its name", [theirs / "cookiecutter", cookiecutter]),
            "copier": ("What is its name", [theirs / "copier", "copy", copier, place]),
            "aegis-stack": ("guided setup", [theirs / "aegis", "init", "demo"]),
        }
        return (
            interleaved(rounds, {name: lambda path=path: cpu_of([path, "--help"]) for name, path in helps.items()}),
            interleaved(rounds, {name: lambda given=given: wait_for(*given) for name, given in prompts.items()}),
        )
