"""Several combinations as they are rendered: what looks at one file, or at a few, sees each of them once."""

import ast
import json
import tomllib
from collections.abc import Sequence
from functools import cached_property

from tests.template.combinations import Answers, covering
from tests.template.projects import given
from tests.template.renders import Render, Renders

# Where the tools that read Python are told how.
TOOLS = ("ruff", "ty", "importlinter")
# A Python file, what it is made of, and how tools are told to see it.
Source = tuple[str, frozenset[tuple[str, str]], str]


class Sample:
    """Combinations, with what each of them renders."""

    def __init__(self, combinations: Sequence[Answers], renders: Renders, start: float = 0) -> None:
        self.renders = renders
        self.combinations: list[tuple[Answers, Render]] = []
        self._imports: dict[str, set[str]] = {}
        for answers, render in zip(combinations, renders.of_all(map(given, combinations), start), strict=True):
            self.add(answers, render)

    def add(self, answers: Answers, render: Render) -> None:
        """Add a combination, before anything is asked for."""
        self.combinations.append((answers, render))

    @cached_property
    def files(self) -> dict[tuple[str, str], str]:
        """Return each distinct content under each path that it has: the text by path and key."""
        found = {one for _, render in self.combinations for one in render.files.items()}
        return {(path, key): self.renders.content(key).read_text(encoding="utf-8") for path, key in sorted(found)}

    def distinct(self, *starts: str) -> list[Answers]:
        """Return one combination for each distinct set of the files whose paths start so."""
        found = {
            frozenset((path, key) for path, key in render.files.items() if path.startswith(starts)): answers
            for answers, render in self.combinations
        }
        return [answers for files, answers in found.items() if files]

    @cached_property
    def apart(self) -> list[Answers]:
        """Return few combinations that have each Python file with all that it imports, under each configuration.

        What a type checker, a linter and import-linter say of a file depends on nothing else.
        """
        sources = {id(answers): self.sources(render) for answers, render in self.combinations}
        return covering([answers for answers, _ in self.combinations], lambda answers: sources[id(answers)])

    def sources(self, render: Render) -> set[Source]:
        """Return each Python file of a project."""
        pyproject = tomllib.loads(self.files["pyproject.toml", render.files["pyproject.toml"]])
        configured = json.dumps({name: pyproject["tool"][name] for name in TOOLS}, sort_keys=True)
        python = {path: key for path, key in render.files.items() if path.endswith(".py")}
        direct = {path: self._resolve(path, python) for path in python}
        return {(path, reached(path, direct, python), configured) for path in python}

    def _resolve(self, path: str, python: dict[str, str]) -> set[str]:
        """Return the files that this one imports, and the names that are none."""
        key = python[path]
        if key not in self._imports:
            self._imports[key] = imported(self.files[path, key])
        return {file_of(name, python) for name in self._imports[key]}


def imported(source: str) -> set[str]:
    """Return the full names of what a module of a project imports, and may be a module; relative imports are banned."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = {tuple(name.split(".")) for name in names}
    return {".".join(one[:end]) for one in parts for end in range(1, len(one) + 1)}


def file_of(name: str, python: dict[str, str]) -> str:
    """Return the file of a module, or the name itself."""
    path = name.replace(".", "/")
    return next((file for file in (f"{path}/__init__.py", f"{path}.py") if file in python), name)


def reached(path: str, direct: dict[str, set[str]], python: dict[str, str]) -> frozenset[tuple[str, str]]:
    """Return a file and all that it imports, at any depth, each with its content, and the names that are no file."""
    found, waiting = {path}, [path]
    while waiting:
        new = direct.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset((one, python.get(one, "")) for one in found)
