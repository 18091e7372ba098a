"""Which answers fit together, said a second time: an oracle that knows nothing of `copier.yml`."""

from collections import Counter
from collections.abc import Callable, Iterable, Set
from itertools import product
from typing import Any

VALUES = {
    "database": ["sqlite", "postgresql", "mysql", "none"],
    "auth": ["jwt", "session", "api_key", "oidc", "none"],
    "settings": ["by_domain", "single"],
    "deployment": ["docker", "kubernetes", "systemd", "aws_lambda", "none"],
    "ci": ["github", "gitlab", "none"],
}
PYTHONS = ["3.14", "3.13", "3.12", "3.11"]
Answers = dict[str, str]


def refusal(answers: Answers) -> str:
    """Return why these answers do not fit together, in a word that the message must contain; nothing if they do."""
    if answers["auth"] in {"jwt", "session"} and answers["database"] == "none":
        return "database"
    if answers["database"] == "sqlite" and answers["deployment"] in {"kubernetes", "aws_lambda"}:
        return "SQLite file"
    return ""


def label(answers: Answers) -> str:
    """Name a combination in the output of the tests."""
    more = ["resources"] if answers.get("resources") else []
    return "-".join([answers[question] for question in VALUES] + more)


EVERYTHING = [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]
VALID = [answers for answers in EVERYTHING if not refusal(answers)]
REFUSED = [answers for answers in EVERYTHING if refusal(answers)]
# Those that differ in the application itself; the other questions add files around it.
APPLICATIONS = [answers for answers in VALID if answers["deployment"] == "none" and answers["ci"] == "none"]
# How the settings are arranged cannot be seen from outside.
VISIBLE = [answers for answers in APPLICATIONS if answers["settings"] == "by_domain"]
# Pipelines add no Python.
WITHOUT_CI = [answers for answers in VALID if answers["ci"] == "none"]


def covering(combinations: Iterable[Answers], parts: Callable[[Answers], Set[Any]]) -> list[Answers]:
    """Return few of these combinations, in which every part occurs that occurs in any of them."""
    found = [(answers, parts(answers)) for answers in combinations]
    missing = set[Any]().union(*(its for _, its in found))
    chosen: list[Answers] = []
    while missing:
        best, its = max(found, key=lambda one: len(one[1] & missing))
        chosen.append(best)
        missing -= its
    return chosen


def few(combinations: Iterable[Answers]) -> list[Answers]:
    """Return so many that each database and each way to sign in is among them."""
    return covering(combinations, lambda answers: {(name, answers[name]) for name in ("database", "auth")})


def applications(times: int) -> list[Answers]:
    """Return each database with each way to sign in, so many times, in surroundings that change: each pair occurs."""
    seen: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    chosen: list[Answers] = []
    for bare in VISIBLE * times:
        fitting = [answers for answers in VALID if all(answers[name] == bare[name] for name in ("database", "auth"))]
        chosen.append(max(fitting, key=lambda answers: sum(10 ** (36 - seen[pair]) for pair in pairs(answers))))
        seen.update(pairs(chosen[-1]))
    return chosen


def pairs(answers: Answers) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """Return each pair of answers to different questions."""
    items = sorted(answers.items())
    return {(first, second) for first in items for second in items if first < second}


def triples(answers: Answers) -> set[tuple[tuple[str, str], ...]]:
    """Return each pair of answers, and each of the others with both those that shape the code: database and sign-in."""
    code = ("database", answers["database"]), ("auth", answers["auth"])
    return {*pairs(answers), *((*code, one) for one in answers.items())}


# Few combinations, in which every pair of values occurs, and moreover each database with each way to sign in and each
# third value.
PAIRS = covering(VALID, pairs)
TRIPLES = covering(VALID, triples)


def spread(deployment: str) -> list[Answers]:
    """Return few valid combinations with this deployment: every database, and every way to sign in."""
    found = [answers for answers in WITHOUT_CI if answers["deployment"] == deployment]
    chosen: list[Answers] = []
    for question in ("database", "auth"):
        for value in VALUES[question]:
            fitting = [answers for answers in found if answers[question] == value]
            if fitting and not any(answers[question] == value for answers in chosen):
                chosen.append(fitting[len(chosen) % len(fitting)])
    return chosen


def chain(length: int, *, linked: bool) -> str:
    """Return resources of which each refers to the one before it, or to none."""
    later = [f"link_{n} name:str:unique" + f" back:ref:link_{n - 1}" * linked for n in range(2, length + 1)]
    return "; ".join(["link_1 name:str:unique", *later])
