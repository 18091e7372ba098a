"""What the processes of a test run render, they render once: projects are lists of paths, contents are kept once."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi_scaffold.writing import engine

Given = Mapping[str, str]
# Each content has a time of its own from here on: tools with a cache, as mypy, take a file with the size and the second
# of another one for the same.
SINCE = 946_684_800


@dataclass(frozen=True)
class Render:
    """What came out: the key of the content of each file, and the directories without any."""

    files: Mapping[str, str]
    empty: list[str]


class Renders:
    """Projects that are rendered, in a directory that processes share."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.known: dict[Path, Render] = {}
        for name in ("contents", "projects"):
            (directory / name).mkdir(parents=True, exist_ok=True)

    def of(self, given: Given) -> Render:
        """Return what these answers render, in this process if no other one has."""
        index = self._index(given)
        if not index.exists():
            with tempfile.TemporaryDirectory(dir=self.directory) as scratch:
                engine.render(given, Path(scratch, "project"))
                found = self.keep(Path(scratch, "project"))
            write(index, json.dumps(found).encode())
        if index not in self.known:
            self.known[index] = Render(*json.loads(index.read_text()))
        return self.known[index]

    def of_all(self, several: Iterable[Given], start: float = 0) -> list[Render]:
        """Return what each renders. Processes that start at different places between 0 and 1 share the work."""
        given = list(several)
        first = int(len(given) * start)
        for one in given[first:] + given[:first]:
            self.of(one)
        return [self.of(one) for one in given]

    def content(self, key: str) -> Path:
        """Return where the content of this key is."""
        return self.directory / "contents" / key

    def copy(self, given: Given, destination: Path) -> None:
        """Write the project into a new directory."""
        destination.mkdir(parents=True)
        for path, key in self.of(given).files.items():
            (destination / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.content(key), destination / path)

    def _index(self, given: Given) -> Path:
        key = json.dumps([str(engine.template_root()), {**given}], sort_keys=True)
        return self.directory / "projects" / hashlib.sha256(key.encode()).hexdigest()

    def keep(self, project: Path) -> tuple[dict[str, str], list[str]]:
        """Keep the contents of a project; returns what makes a Render."""
        paths = sorted(project.rglob("*"))
        files = {str(path.relative_to(project)): self._key(path) for path in paths if path.is_file()}
        return files, [str(path) for path in paths if path.is_dir() and not any(path.iterdir())]

    def _key(self, path: Path) -> str:
        """Keep a content; nothing that is rendered is executable, or a link."""
        assert not path.is_symlink()
        assert not path.stat().st_mode & 0o111, path
        key = hashlib.sha256(path.read_bytes()).hexdigest()
        if not self.content(key).exists():
            write(self.content(key), path.read_bytes(), SINCE + int(key[:7], 16))
        return key


def write(path: Path, content: bytes, seconds: int | None = None) -> None:
    """Write a file, perhaps with a time of its own, that other processes see whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    if seconds:
        os.utime(name, (seconds, seconds))
    Path(name).rename(path)
