"""The catalogue of practices."""

import tomllib
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Practice:
    """One row of `practices.toml`."""

    id: str
    title: str
    group: str
    level: str
    why: str
    form: str
    sources: tuple[str, ...]
    requires: frozenset[str]
    proof: str
    reason: str = ""
    """Why there is no test, where proof is "none"."""

    @property
    def provable(self) -> bool:
        """Whether a test in a generated project carries this practice."""
        return self.proof == "test"


@lru_cache(maxsize=1)
def load_practices() -> tuple[Practice, ...]:
    """Return all practices in the order of the file, in which a group's are together."""
    text = Path(__file__).with_name("practices.toml").read_text(encoding="utf-8")
    return tuple(_practice(row) for row in tomllib.loads(text)["practice"])


def applicable(practices: Iterable[Practice], capabilities: Set[str]) -> list[Practice]:
    """Return those of `practices` that a project with these capabilities must prove."""
    return [practice for practice in practices if practice.provable and practice.requires <= capabilities]


def _practice(row: dict[str, Any]) -> Practice:
    # As keyword arguments, so that a row with an unknown or missing entry is an error.
    fields: dict[str, Any] = {**row, "sources": tuple(row["sources"]), "requires": frozenset(row["requires"])}
    return Practice(**fields)
