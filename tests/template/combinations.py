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
# What crosses a request, a process or a machine: of each, the second value is what there is to choose.
EXTRAS = {
    "streaming": ["none", "events"],
    "telemetry": ["none", "opentelemetry"],
    "cache": ["none", "redis"],
    "jobs": ["none", "procrastinate"],
    "mail": ["none", "smtp"],
    "second_factor": ["none", "totp"],
    "retries": ["none", "idempotency_keys"],
}
# What a project begins with. Without it there are fewer files, and few that differ: those combinations are apart.
EXAMPLES = {"example": ["item", "none"]}
CHOICES = [(name, value) for name, values in EXTRAS.items() for value in values[1:]]
PYTHONS = ["3.14", "3.13", "3.12", "3.11"]
Answers = dict[str, str]


def refusal(answers: Answers) -> str:
    """Return why these answers do not fit together, in a word that the message must contain; nothing if they do."""
    if answers["auth"] in {"jwt", "session"} and answers["database"] == "none":
        return "database"
    if answers["database"] == "sqlite" and answers["deployment"] in {"kubernetes", "aws_lambda"}:
        return "SQLite file"
    for extra, reason in (("streaming", "by the line"), ("cache", "summary"), ("jobs", "report")):
        if answers.get("example") == "none" and answers.get(extra, "none") != "none":
            return reason
    if answers.get("streaming") == "events" and answers["database"] == "none":
        return "too large for one answer"
    if answers.get("streaming") == "events" and answers["deployment"] == "aws_lambda":
        return "API Gateway"
    if answers.get("telemetry", "none") != "none" and answers["deployment"] == "aws_lambda":
        return "frozen"
    if answers.get("jobs", "none") != "none":
        if answers["database"] != "postgresql":
            return "needs PostgreSQL"
        if answers["deployment"] == "aws_lambda":
            return "runs all the time"
    if answers.get("mail", "none") != "none":
        if answers["auth"] not in {"jwt", "session"}:
            return "no accounts"
        if answers["deployment"] == "aws_lambda":
            return "frozen after its answer"
    if answers.get("second_factor", "none") != "none" and answers["auth"] not in {"jwt", "session"}:
        return "no accounts"
    if answers.get("retries", "none") != "none":
        if answers["database"] == "none":
            return "in the transaction"
        if answers.get("example") == "none" and not answers.get("resources"):
            return "Nothing creates"
    return ""


def label(answers: Answers) -> str:
    """Name a combination in the output of the tests."""
    more = ["resources"] if answers.get("resources") else []
    extras = [answers[name] for name in EXTRAS if answers.get(name, "none") != "none"]
    begun = ["empty"] if answers.get("example") == "none" else []
    return "-".join([answers[question] for question in VALUES] + begun + extras + more)


def with_one_extra(combinations: Iterable[Answers]) -> list[Answers]:
    """Return these combinations with each extra alone that they can have."""
    return [one for bare in combinations for name, value in CHOICES if not refusal(one := {**bare, name: value})]


EVERYTHING = [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]
VALID = [answers for answers in EVERYTHING if not refusal(answers)]
REFUSED = [answers for answers in EVERYTHING if refusal(answers)]
# Those that differ in the application itself; the other questions add files around it.
APPLICATIONS = [answers for answers in VALID if answers["deployment"] == "none" and answers["ci"] == "none"]
# How the settings are arranged cannot be seen from outside.
VISIBLE = [answers for answers in APPLICATIONS if answers["settings"] == "by_domain"]
# What a project may have beside: each extra alone, and all that fit together.
ALONE = with_one_extra(VISIBLE)
TOGETHER = [
    {**bare, **{name: values[-1] for name, values in EXTRAS.items() if not refusal({**bare, name: values[-1]})}}
    for bare in APPLICATIONS
]
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


# Without the example: each database, each way to sign in and each extra that can do without, all of them together, and
# with a resource of one's own.
OWN = "note text:text due_at:datetime:optional"
# What has to exist before the first resource can be created.
HELD = "task title:str holder:ref:user helper:ref:user:optional parent:ref:task:optional"
EMPTY = [
    one
    for one in ({**bare, "example": "none"} for bare in few(VISIBLE))
    if (one["database"], one["auth"]) != ("sqlite", "jwt")
]
EMPTY += [
    {**VISIBLE[0], "example": "none", "telemetry": "opentelemetry", "mail": "smtp", "second_factor": "totp"},
    {**VISIBLE[-1], "example": "none"},
    {**VISIBLE[0], "example": "none", "retries": "idempotency_keys", "resources": f"{HELD}; {OWN}"},
    {**VISIBLE[-1], "example": "none", "resources": OWN},
]
# Each extra alone, in applications and with what is around them, so that it meets every other value; and once.
EXTENDED = covering(with_one_extra(WITHOUT_CI), pairs)
EACH = covering(ALONE, lambda answers: {(name, answers.get(name, "none")) for name in EXTRAS})
# One with all there is.
RICHEST = max(TOGETHER, key=len)
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


def richest(deployment: str) -> Answers:
    """Return a combination with this deployment and all extras."""
    found = (answers for answers in TOGETHER if len(answers) == len(RICHEST))
    return next(found) | {"deployment": deployment}


def chain(length: int, *, linked: bool) -> str:
    """Return resources of which each refers to the one before it, or to none."""
    later = [f"link_{n} name:str:unique" + f" back:ref:link_{n - 1}" * linked for n in range(2, length + 1)]
    return "; ".join(["link_1 name:str:unique", *later])
