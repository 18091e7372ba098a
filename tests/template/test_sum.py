"""What two extras make together is the sum of what each makes: so each alone and all of them tell of every choice."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.writing import engine
from tests.template.combinations import CHOICES, VALID, Answers, covering, few, label, pairs, refusal
from tests.template.fictions import FICTIONAL, add_extras
from tests.template.projects import given, shared_renders
from tests.template.summing import is_sum

Extra = tuple[str, str]
# What the two decide together: how a mail gets to whoever sends it, and after which migration its table comes. Mail has
# another router for registration, where jobs and the second factor add theirs, and in that for strangers, which the
# cache guards; and it tells accounts of their second factor.
TOGETHER = {
    frozenset({"cache", "mail"}): ("app/api.py",),
    frozenset({"mail", "second_factor"}): (
        "app/api.py",
        "app/mail/models.py",
        "app/mail/texts.py",
        "app/second_factor/router.py",
    ),
    frozenset({"jobs", "mail"}): (
        "app/api.py",
        "app/mail/outbox.py",
        "compose.inbox.yaml",
        "migrations/versions/2026-01-01_1003_create_account_tokens.py",
        "tests/mail/test_outbox.py",
        "tests/post_office.py",
    ),
}
# Of the rows of one question there can be only one.
TWO = [(one, other) for one, other in combinations(CHOICES, 2) if one[0] != other[0]]

# What one of the two settles for both: which migration is the one before, and what the routers hang under.
SETTLED = re.compile(r"^(down_revision = .*|(router|after_password|open_to_all)(?=\.include_router\())", re.MULTILINE)


def faults(one: Extra, other: Extra, bases: Iterable[Answers]) -> Iterator[str]:
    """Yield each file of these projects that is not the sum of what the two extras make of it."""
    renders, apart = shared_renders(), brought_by_both(one, other)
    replaced, together = replaced_by(one, other), TOGETHER.get(frozenset({one[0], other[0]}), ())
    # The lines that hang in what is there with both alone.
    inside = [Path(path).parts for path in apart if "/" in path]
    named = [sign.join(parts[start:]) for parts in inside for sign, start in ((".", 0), ("_", 1), ("/", 0))]

    @cache
    def right(*keys: str) -> bool:
        texts = [renders.content(key).read_text(encoding="utf-8") if key else "" for key in keys]
        texts = [SETTLED.sub("", text) for text in texts]
        texts[0] = "".join(
            line for line in texts[0].splitlines(keepends=True) if not any(map(line.__contains__, named))
        )
        return is_sum(*texts)

    for answers in bases:
        changes: list[list[Extra]] = [[one, other], [one], [], [other]]
        whole, *parts = (renders.of(given({**answers, **dict(extras)})).files for extras in changes)
        # An extra may bring a file, and takes none away but what is for those that do not have it.
        wrong = {*parts[0], *parts[2]} ^ whole.keys() | parts[1].keys() - whole.keys()
        wrong -= {path for path in wrong if path.startswith(apart) or (path in replaced and path not in whole)}
        wrong |= {
            path
            for path in whole.keys() & {*parts[0], *parts[2]} - {*together}
            if not right(whole[path], *(part.get(path, "") for part in parts))
        }
        yield from (f"{label(answers)}: {path}" for path in sorted(wrong))


def brought_by_both(one: Extra, other: Extra) -> tuple[str, ...]:
    """Return the paths that need something of each of the two: the only files that neither brings alone."""
    tables = yaml.safe_load((engine.template_root() / "copier.yml").read_text(encoding="utf-8"))
    its, others = ({*tables["catalogue"]["default"][name][value]["provides"]} for name, value in (one, other))
    return tuple(path for path, needs in tables["paths"]["default"].items() if its & {*needs} and others & {*needs})


def replaced_by(*extras: Extra) -> set[str]:
    """Return the paths that need what is provided where one of these is not."""
    tables = yaml.safe_load((engine.template_root() / "copier.yml").read_text(encoding="utf-8"))
    lost = {one for name, _ in extras for one in tables["catalogue"]["default"][name]["none"]["provides"]}
    return {path for path, needs in tables["paths"]["default"].items() if lost & {*needs}}


def fitting(*extras: Extra) -> list[Answers]:
    """Return the projects that can have these extras."""
    return [answers for answers in VALID if not refusal({**answers, **dict(extras)})]


def every_pair(bases: Iterable[Answers]) -> list[Answers]:
    """Return few of these projects, in which each pair of answers occurs."""
    return covering(bases, pairs)


@pytest.mark.parametrize("some", [few, pytest.param(every_pair, marks=pytest.mark.slow)])
def test_two_extras_make_the_sum_of_both(some: Callable[[Iterable[Answers]], list[Answers]]) -> None:
    found = {(one, other): list(faults(one, other, some(fitting(one, other)))) for one, other in TWO}
    assert {two: wrong for two, wrong in found.items() if wrong} == {}


# ── With extras that do not exist ─────────────────────────────────────────────────────────────────────────────────────

TELETYPE, PIGEONHOLE = ((question, name) for name, question in FICTIONAL.items())
BASES = few(VALID)
BOTH = "'teletype' in provided and 'pigeonhole' in provided"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a template with two extras more in the place of ours."""
    root = add_extras(tmp_path / "source")
    monkeypatch.setattr("fastapi_scaffold.writing.engine.template_root", lambda: root)
    return root


def test_two_extras_with_every_kind_of_fact_make_the_sum_of_both(root: Path) -> None:
    assert root
    assert list(faults(TELETYPE, PIGEONHOLE, BASES)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        # Something of the one is lost where the other is.
        ("app/main.py.jinja", "in registrations %}", "in registrations[:2] %}", "app/main.py"),
        (".gitignore.jinja", "{{ pattern }}", "{{ pattern if loop.index < 5 }}", ".gitignore"),
        # It is another one.
        (
            "app/teletype/state.py.jinja",
            "Open it",
            f"Open {{{{ 'both' if {BOTH} else 'it' }}}}",
            "app/teletype/state.py",
        ),
        # Something that neither makes.
        ("README.md.jinja", "## Start\n", f"## Start\n{{{{ 'Both.' if {BOTH} }}}}\n", "README.md"),
        ("both.md", "", "", "both.md"),
    ],
)
def test_what_is_no_sum_is_found(root: Path, file: str, old: str, new: str, wrong: str) -> None:
    changed = root / "template" / file
    if changed.exists():
        assert changed.read_text().count(old) == 1
        changed.write_text(changed.read_text().replace(old, new))
    else:
        (root / "template" / f"{{{{ '{file}' if {BOTH} }}}}").write_text("Both.\n")
    assert list(faults(TELETYPE, PIGEONHOLE, BASES[:1])) == [f"{label(BASES[0])}: {wrong}"]


def test_only_what_needs_both_may_be_there_with_both_alone(root: Path) -> None:
    (root / "template/both.md").write_text("Both.\n")
    questions = yaml.safe_load((root / "copier.yml").read_text())
    questions["paths"]["default"]["both.md"] = ["teletype", "pigeonhole"]
    (root / "copier.yml").write_text(yaml.safe_dump(questions, sort_keys=False))
    assert list(faults(TELETYPE, PIGEONHOLE, BASES[:1])) == []


# ── The rule ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("whole", "one", "base", "other"),
    [
        ("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n", "2\n3\n4\n", "2\n3\n4\n5\n"),
        # At one place, in any order, also between each other; once what both add.
        ("a\nb\n", "a\n", "", "b\n"),
        ("b\na\n", "a\n", "", "b\n"),
        ("a\nb\nc\n", "a\nc\n", "", "b\n"),
        ("a\n\nb\n\n", "a\n\n", "", "b\n\n"),
        ("both\na\nb\n", "both\na\n", "", "both\nb\n"),
        # In a line.
        ("f(1, 2, 3)\n", "f(1, 2)\n", "f(1)\n", "f(1, 3)\n"),
        ("f(\n    1,\n    2,\n    3,\n)\n", "f(1, 2)\n", "f(1)\n", "f(1, 3)\n"),
        ("new\nx = [1, 2]\n", "new\nx = [1]\n", "x = [1]\n", "x = [1, 2]\n"),
    ],
)
def test_a_sum(whole: str, one: str, base: str, other: str) -> None:
    assert is_sum(whole, one, base, other)
    assert is_sum(whole, other, base, one)


@pytest.mark.parametrize(
    ("whole", "one", "base", "other"),
    [
        ("1\n2\n3\n4\n", "1\n2\n3\n4\n", "2\n3\n4\n", "2\n3\n4\n5\n"),
        ("1\n2\n5\n3\n4\n", "1\n2\n3\n4\n", "2\n3\n4\n", "2\n3\n4\n5\n"),
        ("a\n", "a\n", "", "b\n"),
        ("a\nb\nc\n", "a\n", "", "b\n"),
        ("a\nb\na\n", "a\n", "", "b\n"),
        # Each in its own order.
        ("b\na\nc\n", "a\nb\n", "", "c\n"),
        ("f(1, 2)\n", "f(1, 2)\n", "f(1)\n", "f(1, 3)\n"),
        ("f(1, 2, 3, 4)\n", "f(1, 2)\n", "f(1)\n", "f(1, 3)\n"),
        ("f(2, 1, 3)\n", "f(1, 2)\n", "f(1)\n", "f(1, 3)\n"),
        # Two that change the same have no sum.
        ("x = 2\n", "x = 2\n", "x = 1\n", "x = 3\n"),
        ("x = 2 3\n", "x = 2\n", "x = 1\n", "x = 3\n"),
        # What only one changes is as it makes it.
        ("a \n", "a\n", "", ""),
    ],
)
def test_no_sum(whole: str, one: str, base: str, other: str) -> None:
    assert not is_sum(whole, one, base, other)
    assert not is_sum(whole, other, base, one)
