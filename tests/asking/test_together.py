"""A section that is asked together: one screen, on which each row can be ticked but for the default of its question.

The section is a made-up one after all others, so that it does not matter which extras there are.
"""

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.asking.pages import pages
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.asking.test_wizard import COLOUR, END, REVIEW, SCREENS, START, customize
from tests.console import CHECKOUT, tree
from tests.terminal import CTRL_C, DOWN, ENTER, ESCAPE, UP, Terminal

ASKS = "What is made up?"
# Of each question the rows beside `none`.
FICTIONS = {
    "weather": {
        "rain": {"label": "Rain", "hint": "from above", "needs": {"database": "Rain has to be kept somewhere."}},
    },
    "beast": {
        "unicorn": {"label": "Unicorn", "hint": "one horn", "needs": {}},
        "dragon": {"label": "Dragon", "hint": "no horn, but fire", "needs": {"long-running": "Dragons stay."}},
    },
    # Two questions may have rows of the same name.
    "plant": {"unicorn": {"label": "Unicorn root", "hint": "bitter", "needs": {}}},
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where the program is with a template that asks for fictions, as a setting of Python."""
    root = tmp_path_factory.mktemp("program")
    for name in ("fastapi_scaffold", "template"):
        shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    entries = yaml.safe_load((CHECKOUT / "copier.yml").read_text())
    for name, rows in FICTIONS.items():
        nothing = {"label": "None", "hint": "", "provides": [], "needs": {}, "files": []}
        its = {value: nothing | row for value, row in rows.items()}
        entries["catalogue"]["default"][name] = {"none": nothing} | its
        entries[name] = {"type": "str", "help": f"Which {name}?", "choices": ["none", *rows], "default": "none"}
    entries["sections"]["default"]["Fictions"] = list(FICTIONS)
    entries["asked_together"]["default"]["Fictions"] = ASKS
    (root / "copier.yml").write_text(yaml.safe_dump(entries, sort_keys=False))
    return str(root)


def answers_of(project: Path) -> dict[str, str]:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    return {name: recorded[name] for name in FICTIONS}


def reach(terminal: Terminal, but: str = "") -> None:
    """Go to the screen; `but` is not asked before it."""
    customize(terminal)
    for screen in SCREENS:
        if screen.name != but:
            terminal.expect(screen.help)
            terminal.type(ENTER)
    terminal.expect(ASKS, END)


@pytest.fixture
def terminal(program: str, tmp_path: Path) -> Terminal:
    """Show the screen, in a window of usual size."""
    terminal = Terminal(tmp_path, "new", "x", "--no-verify", rows=24, PYTHONPATH=program)
    reach(terminal)
    return terminal


def stop(terminal: Terminal) -> None:
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def lines(terminal: Terminal) -> list[str]:
    """Return the lines of the screen below what was answered before."""
    shown = terminal.screen.splitlines()
    return shown[next(number for number, line in enumerate(shown) if line.startswith("Fictions")) :]


def test_what_it_looks_like(program: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--database", "none", rows=24, PYTHONPATH=program)
    reach(terminal, but="database")
    number = len(SCREENS)
    assert lines(terminal) == [
        f"Fictions, {number} of {number}",
        f"? {ASKS}",
        "   - 1) Rain (Rain has to be kept somewhere.)",
        " ❯ 2) ( ) Unicorn       one horn",
        "   3) ( ) Dragon        no horn, but fire",
        "   4) [ ] Unicorn root  bitter",
        "",
        "↑↓ move, space or number tick, enter accept, esc back, ctrl-c cancel",
    ]
    stop(terminal)


@pytest.mark.parametrize(
    ("keys", "ticked"),
    [
        ([], []),
        ([" ", "4"], ["Rain", "Unicorn root"]),
        # Two rows of one question exclude each other.
        (["3", DOWN, " "], ["Unicorn"]),
    ],
    ids=repr,
)
def test_rows_are_ticked(terminal: Terminal, tmp_path: Path, keys: list[str], ticked: list[str]) -> None:
    terminal.type(*keys, ENTER)
    terminal.expect(REVIEW, f"fictions {', '.join(ticked) or 'none'}", END)
    terminal.type(ENTER)
    assert terminal.end() == 0
    chosen = dict.fromkeys(FICTIONS, "none")
    rows = {row["label"]: (name, value) for name, rows in FICTIONS.items() for value, row in rows.items()}
    chosen.update(rows[label] for label in ticked)
    assert answers_of(tmp_path / "x") == chosen


def test_back_and_forth(terminal: Terminal) -> None:
    terminal.type("1", "3", ENTER)
    terminal.expect(REVIEW, "fictions Rain, Dragon", END)
    terminal.type(ESCAPE)
    terminal.expect("[x] Rain", "( ) Unicorn", "(x) Dragon", "[ ] Unicorn root", END)
    terminal.type(" ", ESCAPE)
    terminal.expect(SCREENS[-1].help, END)
    assert "fictions:" not in terminal.words
    terminal.type(ENTER)
    # What was not accepted is not remembered.
    terminal.expect("[x] Rain", "(x) Dragon", END)
    stop(terminal)


def test_what_was_given_is_not_asked(program: str, tmp_path: Path) -> None:
    given = ["--beast", "dragon"]
    terminal = Terminal(tmp_path, "new", "x", *given, rows=40, PYTHONPATH=program)
    terminal.expect(START, "fictions Dragon")
    reach(terminal)
    assert "[ ] Rain" in terminal.words
    assert "(" not in terminal.words.partition(ASKS)[2].replace("[ ] Rain", "")
    terminal.type("1", ENTER)
    terminal.expect(REVIEW, "fictions Rain, Dragon", "--beast dragon", END)
    stop(terminal)


def test_where_all_was_given_there_is_no_screen(program: str, tmp_path: Path) -> None:
    given = [f"--{name}=none" for name in FICTIONS]
    terminal = Terminal(tmp_path, "new", "x", *given, rows=40, PYTHONPATH=program)
    customize(terminal)
    for screen in SCREENS:
        terminal.expect(screen.help)
        terminal.type(ENTER)
    terminal.expect(REVIEW, "fictions none", END)
    stop(terminal)


def test_what_is_given_for_a_later_row_makes_an_earlier_one_impossible(program: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--weather", "rain", PYTHONPATH=program)
    customize(terminal)
    for screen in SCREENS:
        terminal.expect(screen.help)
        if screen.name == "database":
            terminal.expect("None (Weather rain was given. Rain has to be kept somewhere.)")
            break
        terminal.type(ENTER)
    stop(terminal)


def test_where_none_is_possible_the_reasons_are_shown(program: str, tmp_path: Path) -> None:
    given = ["--database=none", "--beast=none", "--plant=none"]
    terminal = Terminal(tmp_path, "new", "x", *given, "--no-verify", PYTHONPATH=program)
    reach(terminal, but="database")
    terminal.expect("- 1) Rain (Rain has to be kept somewhere.)", "❯ 2) None", END)
    terminal.type(ENTER)
    terminal.expect(REVIEW, "fictions none", END)
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert answers_of(tmp_path / "x") == dict.fromkeys(FICTIONS, "none")


def test_own_defaults_and_the_last_answers_are_ticked(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[answers]\nbeast = "unicorn"\n')
    monkeypatch.setenv("FASTAPI_SCAFFOLD_CONFIG", str(config))
    first = Terminal(tmp_path, "new", "x", "--no-verify", rows=40, PYTHONPATH=program)
    first.expect(START, "fictions Unicorn ", END)
    reach(first)
    first.expect("(x) Unicorn", "( ) Dragon", END)
    first.type("3", "4", ENTER)
    first.expect(REVIEW, "fictions Dragon, Unicorn root", END)
    first.type(ENTER)
    assert first.end() == 0
    second = Terminal(tmp_path, "new", "y", "--no-verify", rows=40, PYTHONPATH=program)
    second.expect("Same as last time")
    second.type("2")
    second.expect(REVIEW, "fictions Dragon, Unicorn root", END)
    second.type(ENTER)
    assert second.end() == 0
    assert answers_of(tmp_path / "y") == {"weather": "none", "beast": "dragon", "plant": "unicorn"}


def test_the_line_of_the_review_is_changed_on_the_same_screen(program: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--weather=rain", "--no-verify", rows=45, PYTHONPATH=program)
    terminal.expect(START)
    terminal.type("1")
    terminal.expect(REVIEW, "fictions Rain", END)
    terminal.type(*"fictions", ENTER)
    # What was given can be changed here.
    terminal.expect(ASKS, "[x] Rain", "( ) Dragon", END)
    terminal.type("3", ENTER)
    terminal.expect(REVIEW, "fictions Rain, Dragon", "--weather rain --beast dragon", END)
    terminal.type(*"database", ENTER)
    terminal.expect("SQLite", END)
    terminal.type(UP, ENTER)
    terminal.expect(REVIEW, "weather is None now: Rain has to be kept somewhere.", "fictions Dragon", END)
    terminal.type(*"fictions", ENTER)
    terminal.expect("- 1) Rain (Rain has", "(x) Dragon", END)
    # Nor does its number tick it.
    terminal.type("1", "3", ENTER)
    terminal.expect(REVIEW, "fictions none", END)
    terminal.type(ESCAPE)
    terminal.expect(START)
    stop(terminal)


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits(program: str, tmp_path: Path, columns: int) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=columns, rows=24, PYTHONPATH=program)
    reach(terminal)
    terminal.type(UP)
    terminal.expect("❯ 4) [ ] Unicorn root", "bitter", END)
    assert len(terminal.screen.splitlines()) <= 24
    assert all(len(line) < columns for line in terminal.screen.splitlines())
    stop(terminal)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_without_colours_and_signs(program: str, tmp_path: Path, encoding: str) -> None:
    terminal = Terminal(tmp_path, "new", "x", PYTHONPATH=program, PYTHONIOENCODING=encoding, NO_COLOR="1")
    reach(terminal)
    terminal.type(" ")
    terminal.expect("> 1) [x] Rain", "up/down move, space or number tick", END)
    terminal.type(ENTER)
    terminal.expect(REVIEW)
    stop(terminal)
    assert terminal.raw.isascii()
    assert COLOUR.search(terminal.raw) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_another_program(terminal: Terminal, tmp_path: Path, number: int) -> None:
    terminal.type(" ")
    terminal.signal(number)
    assert terminal.end() == 130
    assert terminal.screen.endswith("Cancelled, nothing was written.\n")
    assert tree(tmp_path) == []


def test_where_there_is_one_row_there_is_no_screen_and_no_line() -> None:
    questions = load_questionnaire(template_root()).questions
    single = [replace(question, choices=question.choices[:1]) for question in questions if question.together]
    assert single
    assert pages(single) == []


def test_what_is_asked_together_needs_nothing_of_each_other_and_can_be_left_out() -> None:
    questionnaire = load_questionnaire(template_root())
    sections = {question.section for question in questionnaire.questions if question.together}
    assert sections == questionnaire.tables["asked_together"].keys()
    for section in sections:
        asked = [question for question in questionnaire.questions if question.section == section]
        rows = [(question, choice) for question in asked for choice in question.choices]
        provided = {capability for _, choice in rows for capability in choice.provides}
        assert [choice.value for _, choice in rows if choice.needs.keys() & provided] == []
        nothing = [question.choice(question.default or "") for question in asked]
        # What is there without a row is for files and routers alone.
        needed = {
            capability for question in questionnaire.questions for one in question.choices for capability in one.needs
        }
        assert all(choice and not choice.needs and not choice.provides & needed for choice in nothing)
