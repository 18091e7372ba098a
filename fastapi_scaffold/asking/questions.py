"""`copier.yml` as objects: the questions, their choices and the tables of facts behind them.

Copier is not imported here: the flags of `new --help` come from this module, and reading YAML is all they need.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Choice:
    """One row of the catalogue: a value that a question accepts, with its facts."""

    value: str
    label: str
    hint: str
    provides: frozenset[str]
    needs: Mapping[str, str]
    """Capabilities that earlier answers must provide, each with the reason."""


@dataclass(frozen=True)
class Notation:
    """How an answer is written that is a list."""

    form: str
    """What each of them looks like."""
    between: str
    words: Mapping[str, str]
    """The words that mean something, each with its hint."""
    modifiers: Mapping[str, str]
    """What may follow a word, as in the form, and which words take it."""
    rules: Sequence[str]
    """What else holds, in words."""
    plural: str
    """A Jinja expression for the plural of a `name` that is given without one; empty where there is none."""
    pattern: str
    """A regular expression that every such answer fits."""
    provides: frozenset[str] = frozenset()
    """What there is where the list has an entry."""

    def rows(self) -> dict[str, str]:
        """Return everything that can be written, with its hint."""
        return {**self.words, **{modifier: f"with {words}" for modifier, words in self.modifiers.items()}}

    def lines(self) -> list[str]:
        """Return everything that can be written with its hint, a line for each."""
        width = max(map(len, self.rows()))
        return [f"{word:<{width}}  {hint}" for word, hint in self.rows().items()]

    def explained(self) -> list[str]:
        """Return what somebody has to know who is to write such an answer, in few lines."""
        return [
            "",
            f"{self.form}{self.between} ...",
            f"TYPE is {', '.join(self.words)}.",
            *(f"{modifier} with {words}." for modifier, words in self.modifiers.items()),
            "Enter alone: none.",
        ]


@dataclass(frozen=True)
class Question:
    """One question that a user can answer."""

    name: str
    help: str
    default: str | None
    """What `copier.yml` says, which may be a Jinja expression."""
    placeholder: str
    validator: str
    """A Jinja expression that renders to the reason why an answer is refused, or to nothing."""
    choices: tuple[Choice, ...]
    section: str = ""
    """The heading under which it is asked."""
    together: str = ""
    """What the one screen asks on which all of its section are asked; empty where each has its own."""
    notation: Notation | None = None

    @property
    def title(self) -> str:
        """What it is called in a list."""
        return self.name.replace("_", " ")

    @property
    def flag(self) -> str:
        """The command-line option that answers this question."""
        return "--" + self.name.replace("_", "-")

    @property
    def required(self) -> bool:
        """Whether nothing is no answer to it."""
        return self.default != ""

    @property
    def values(self) -> list[str]:
        """The values to choose from; empty for a free text."""
        return [choice.value for choice in self.choices]

    def label(self, answer: str) -> str:
        """Return how to show `answer` to a person."""
        choice = self.choice(answer)
        return choice.label if choice else answer or "none"

    def plain(self, answer: str) -> str:
        """Return `answer` as it is compared: a list without what only stands around its entries."""
        if self.notation is None:
            return answer
        entries = (" ".join(entry.split()) for entry in answer.split(self.notation.between))
        return f"{self.notation.between} ".join(filter(None, entries))

    def provided(self, answer: str) -> frozenset[str]:
        """Return what an answer provides: a row what it says, a list the same for any entry, other answers nothing."""
        choice = self.choice(answer)
        if choice:
            return choice.provides
        return self.notation.provides if self.notation and self.plain(answer) else frozenset()

    @property
    def offers(self) -> frozenset[str]:
        """What some answer provides."""
        lists = self.notation.provides if self.notation else frozenset()
        return lists.union(*(choice.provides for choice in self.choices))

    def choice(self, value: str) -> Choice | None:
        """Return the choice with this value."""
        return next((choice for choice in self.choices if choice.value == value), None)


@dataclass(frozen=True)
class Questionnaire:
    """Everything that the `copier.yml` in `root` says about answers."""

    root: Path
    questions: tuple[Question, ...]
    tables: Mapping[str, Any]
    """Hidden entries that hold plain data, such as the catalogue."""
    derived: Mapping[str, str]
    """Hidden entries computed from the answers: name → Jinja expression."""

    def capabilities(self, answers: Mapping[str, str]) -> frozenset[str]:
        """Return what the answers provide together."""
        answered = (question for question in self.questions if question.name in answers)
        return frozenset().union(*(question.provided(answers[question.name]) for question in answered))


def load_questionnaire(root: Path) -> Questionnaire:
    """Read `copier.yml` in `root`, keeping the order in which it asks."""
    # The C loader reads this file in 4 ms; the Python one needs 80.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load((root / "copier.yml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe
    entries = {name: entry for name, entry in entries.items() if not name.startswith("_")}
    hidden = {name: entry["default"] for name, entry in entries.items() if entry.get("when") is False}
    catalogue = hidden.get("catalogue", {})
    texts = hidden.get("texts", {})
    notations = {name: _notation(row, hidden, texts.get(name, {})) for name, row in hidden.get("notations", {}).items()}
    sections = {name: section for section, names in hidden.get("sections", {}).items() for name in names}
    together = hidden.get("asked_together", {})
    return Questionnaire(
        root=root,
        questions=tuple(
            replace(
                _question(name, entry, catalogue.get(name, {})),
                section=(section := sections.get(name, "More")),
                together=together.get(section, ""),
                notation=notations.get(name),
            )
            for name, entry in entries.items()
            if name not in hidden
        ),
        tables={name: value for name, value in hidden.items() if not isinstance(value, str)},
        derived={name: value for name, value in hidden.items() if isinstance(value, str)},
    )


def _notation(row: Mapping[str, Any], tables: Mapping[str, Any], chosen: Mapping[str, Any]) -> Notation:
    rows = tables[row["words"]]
    words = {word: facts["hint"] for word, facts in rows.items()}
    modifiers = {}
    for modifier, name in re.findall(r"\[(:([a-z]+)[^]]*)\]", row["form"]):
        takers = [word for word, facts in rows.items() if name in facts["can"]]
        modifiers[modifier] = "any TYPE" if len(takers) == len(rows) else ", ".join(takers)
    longest = str(tables.get("naming", {}).get("longest", ""))
    return Notation(
        form=row["form"],
        between=row["between"],
        words=words,
        modifiers=modifiers,
        # Versions of old have none of these.
        rules=[rule.replace("LONGEST", longest) for rule in row.get("rules", ())],
        plural=row.get("plural", ""),
        pattern=row["pattern"].replace("WORD", "|".join(words)),
        provides=frozenset(chosen.get("provides", ())),
    )


def _question(name: str, entry: Mapping[str, Any], rows: Mapping[str, Any]) -> Question:
    return Question(
        name=name,
        help=entry.get("help", name),
        default=entry.get("default"),
        placeholder=entry.get("placeholder", ""),
        validator=entry.get("validator", ""),
        choices=tuple(
            Choice(
                value=value,
                label=row["label"],
                hint=row["hint"],
                provides=frozenset(row["provides"]),
                needs=row["needs"],
            )
            for value, row in rows.items()
        ),
    )
