"""A generated project on disk: what it was generated from and which checks it has."""

import json
import os
import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fastapi_scaffold.asking.questions import Questionnaire
from fastapi_scaffold.system.directories import absolute, is_here
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError

ANSWERS_FILE = ".copier-answers.yml"
LOCK_FILE = "uv.lock"


@dataclass(frozen=True)
class Check:
    """One of the project's checks: its name and the command that `uv run` gets."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What a project says about its origin: the source and version of its template, and every answer as written."""

    source: str
    version: str
    answers: Mapping[str, Any]

    @property
    def texts(self) -> dict[str, str]:
        """The answers as they would be given on the command line."""
        return {
            name: value if isinstance(value, str) else json.dumps(value, default=str)
            for name, value in self.answers.items()
        }


def find_project(named: Path | None) -> Path:
    """Return the directory that the user `named`, or else that of the project that they are somewhere in."""
    return named or around(absolute(Path())) or Path()


def around(directory: Path) -> Path | None:
    """Return the nearest project that `directory` is or is part of."""
    places = (directory, *directory.parents)
    return next((place for place in places if os.access(place / ANSWERS_FILE, os.F_OK)), None)


def read_record(directory: Path) -> Record:
    """Return the project's answers file. Raises ScaffoldError if it is missing or broken."""
    path = directory / ANSWERS_FILE
    try:
        text = path.read_text(encoding="utf-8")
        recorded = yaml.safe_load(text)
        twice = _twice(text)
    except OSError as error:
        raise _not_a_project(directory, f"it has no readable {ANSWERS_FILE}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, yaml.YAMLError) and re.search("^(<{7}|>{7}) ", text, re.MULTILINE):
            raise ScaffoldError(
                "conflict_markers",
                f"Conflict markers are left in {path}.",
                "Keep the answers that hold, of `resources` those of both sides, and commit.",
                ExitCode.CONFLICTS,
            ) from error
        raise _not_a_project(directory, f"its {ANSWERS_FILE} is damaged") from error
    if twice:
        raise ScaffoldError(
            "two_answers",
            f"In {path} there are two lines for {', '.join(twice)}, as when two branches have met.",
            "Delete of each the line that does not hold, and commit.",
            ExitCode.CONFLICTS,
        )
    if not isinstance(recorded, dict) or "_src_path" not in recorded:
        raise _not_a_project(directory, f"its {ANSWERS_FILE} does not say what it was generated from")
    answers = {name: value for name, value in recorded.items() if not str(name).startswith("_")}
    return Record(str(recorded["_src_path"]), str(recorded.get("_commit", "")), answers)


def _twice(text: str) -> list[str]:
    """Return what there is more than once in a YAML mapping; when it is read, the last one holds in silence."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    names = [str(name.value) for name, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return [name for name, number in Counter(names).items() if number > 1]


def read_answers(directory: Path, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the recorded answers to today's questions. Raises ScaffoldError if the record is missing or broken."""
    recorded = read_record(directory).texts
    return {question.name: recorded[question.name] for question in questionnaire.questions if question.name in recorded}


def recorded_capabilities(directory: Path, questionnaire: Questionnaire) -> frozenset[str]:
    """Return what the project's recorded answers provide.

    Raises ScaffoldError if there is no usable record, or an answer in it is one that this version does not know.
    """
    answers = read_answers(directory, questionnaire)
    for question in questionnaire.questions:
        value = answers.get(question.name)
        if value is not None and question.choices and question.choice(value) is None:
            raise ScaffoldError(
                "unknown_answer",
                f'The project was generated with {question.name} "{value}", which this version does not know.',
                "Use the version of fastapi-scaffold that generated the project, or a newer one.",
            )
    return questionnaire.capabilities(answers)


def read_checks(directory: Path) -> list[Check]:
    """Return what `uv run poe check` runs, one check at a time. Raises ScaffoldError if there is no such task."""
    tasks = read_tasks(directory)
    task = tasks.get("check")
    names = task.get("sequence") if isinstance(task, dict) else task
    if not isinstance(names, list) or not names:
        raise _not_a_project(directory, "its pyproject.toml has no sequence of checks in [tool.poe.tasks.check]")
    return [Check(name, _command(name, tasks.get(name))) for name in names if isinstance(name, str)]


def read_tasks(directory: Path) -> Mapping[str, Any]:
    """Return `[tool.poe.tasks]`. Raises ScaffoldError if pyproject.toml is missing or damaged."""
    try:
        with (directory / "pyproject.toml").open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise _not_a_project(directory, "it has no readable pyproject.toml") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScaffoldError(
            "invalid_project", f"{directory / 'pyproject.toml'} is not TOML: {error}.", "Correct the file."
        ) from error
    tasks = document.get("tool", {}).get("poe", {}).get("tasks", {})
    return tasks if isinstance(tasks, dict) else {}


def check_there(directory: Path) -> None:
    """Raise ScaffoldError if there is no project in `directory`, without reading what it says."""
    if not (directory / ANSWERS_FILE).is_file():
        read_record(directory)


def elsewhere(project: Path, *option: str) -> list[str]:
    """Return what a command that is proposed needs, to be about `project`: nothing where we are in it."""
    return [] if is_here(absolute(project)) else [*option, str(project)]


def _command(name: str, task: object) -> tuple[str, ...]:
    """Run a plain command directly and leave everything else to poe, which starts in 150 ms."""
    if isinstance(task, dict) and task.keys() <= {"cmd", "help"}:
        task = task.get("cmd")
    # Variables and patterns are poe's to expand.
    if isinstance(task, str) and not set(task) & set("$*?[]{}"):
        return tuple(shlex.split(task))
    return ("poe", name)


def _not_a_project(directory: Path, reason: str) -> ScaffoldError:
    outer = around(directory.parent)
    return ScaffoldError(
        "not_a_project",
        f"{directory} is not a fastapi-scaffold project: {reason}.",
        f"It is in the project {outer}: name that." if outer else "Name the directory of a project that `new` made.",
        ExitCode.USAGE,
    )
