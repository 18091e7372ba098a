"""The questions on a terminal."""

import os
import re
import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.asking.answers import usual
from fastapi_scaffold.asking.questions import Question, load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.console import tree
from tests.terminal import (
    BACKSPACE,
    CTRL_C,
    CTRL_D,
    CTRL_U,
    CTRL_Z,
    DOWN,
    ENTER,
    ESCAPE,
    LAST,
    PAGE_UP,
    SHELL,
    UP,
    Terminal,
)

QUESTIONNAIRE = load_questionnaire(template_root())
QUESTIONS, USUAL = QUESTIONNAIRE.questions, usual(QUESTIONNAIRE)
BY_NAME = {question.name: question for question in QUESTIONS}


def asked() -> list[Question]:
    """Return what has a screen: most questions, and for those of a section that is asked together one that says so."""
    found = {}
    for question in QUESTIONS:
        if len(question.choices) == 1:
            continue
        section = question.section.lower()
        screen = replace(question, name=section, help=question.together, choices=()) if question.together else question
        found[screen.name] = screen
    return list(found.values())


SCREENS = asked()
START, REVIEW = "How do you want to begin?", "Review: enter on a line changes it"
# The last words on every screen: when they are there, all of it is.
END = "ctrl-c cancel"
COLOUR = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")


def answers_of(project: Path) -> dict[str, str]:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    return {name: question.plain(recorded[name]) for name, question in BY_NAME.items()}


def lines_down(question: Question, value: str) -> list[str]:
    """Return the keys that lead from the default to `value`."""
    steps = question.values.index(value) - question.values.index(USUAL[question.name])
    return [DOWN if steps > 0 else UP] * abs(steps)


def customize(terminal: Terminal) -> None:
    terminal.expect(START)
    terminal.type(UP, ENTER)


def accept_until(terminal: Terminal, name: str, but: str = "") -> None:
    """Accept what is suggested, up to the question `name`; `but` is not asked."""
    accept_all(terminal, [screen for screen in SCREENS[: SCREENS.index(BY_NAME[name])] if screen.name != but])
    terminal.expect(BY_NAME[name].help)


def accept_all(terminal: Terminal, screens: Iterable[Question]) -> None:
    """Accept what is suggested on each of these screens."""
    for screen in screens:
        terminal.expect(screen.help)
        terminal.type(ENTER)


def after(name: str) -> list[Question]:
    """Return the screens from the question `name` on."""
    return SCREENS[SCREENS.index(BY_NAME[name]) :]


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_recommended_is_two_keys(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "my-api", "--no-verify", rows=40)
    terminal.expect(START, "Recommended", "database SQLite auth JWT")
    terminal.type(ENTER)
    terminal.expect(REVIEW, "my-api", "The same without questions: fastapi-scaffold new my-api", " new files: ")
    assert tree(tmp_path) == []
    terminal.type(ENTER)
    assert terminal.end() == 0
    recorded = answers_of(tmp_path / "my-api")
    for question in QUESTIONS:
        if question.choices and question.name != "python_version":
            assert recorded[question.name] == USUAL[question.name]


def test_every_question_is_asked_and_counted(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "--no-verify")
    customize(terminal)
    for number, question in enumerate(SCREENS, start=1):
        terminal.expect(question.help, f"{question.section}, {number} of {len(SCREENS)}")
        if question.name == "project_name":
            terminal.type("no!", ENTER)
            terminal.expect("A name has at most 60")
            terminal.type(CTRL_U, "My API")
        if question.name == "settings":
            terminal.type(*lines_down(question, "single"))
        terminal.type(ENTER)
    terminal.expect(REVIEW, "settings One class")
    terminal.type(ENTER)
    assert terminal.end() == 0
    recorded = answers_of(tmp_path / "my-api")
    assert (recorded["project_name"], recorded["settings"]) == ("My API", "single")


def test_resources_are_explained_judged_and_left_out_by_enter(tmp_path: Path) -> None:
    question = BY_NAME["resources"]
    assert question.notation is not None
    terminal = Terminal(tmp_path, "new", "x", "--no-verify", rows=40)
    customize(terminal)
    accept_until(terminal, "resources")
    terminal.expect(
        "e.g. customer name:str",
        question.notation.form,
        *question.notation.words,
        ":after=FIELD with date, datetime",
        END,
    )
    terminal.type("customer name:string", ENTER)
    terminal.expect('"name:string" is not possible.', END)
    terminal.type(CTRL_U, "customer name:str", ENTER)
    terminal.expect(BY_NAME["deployment"].help, "resources: customer name:str")
    terminal.type(ESCAPE)
    terminal.expect("❯ customer name:str")
    terminal.type(CTRL_U, ENTER)
    terminal.expect(BY_NAME["deployment"].help, "resources: none")
    terminal.type(ESCAPE)
    terminal.expect("❯ e.g. customer")
    terminal.type("bill amount:money", ENTER)
    accept_all(terminal, after("deployment"))
    terminal.expect(REVIEW, "resources bill amount:money", "--resources 'bill amount:money'")
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert answers_of(tmp_path / "x")["resources"] == "bill amount:money"


@pytest.mark.parametrize("columns", [40, 80])
def test_hints_stand_beside_the_choices_where_they_fit_and_else_below_the_list(tmp_path: Path, columns: int) -> None:
    first, second = BY_NAME["settings"].choices[:2]
    given = [f"{q.flag}={USUAL[q.name]}" for q in QUESTIONS if q.name in USUAL and q.name != "settings"]
    terminal = Terminal(tmp_path, "new", "x", *given, "--project-name", "x", columns=columns)
    customize(terminal)
    terminal.expect(BY_NAME["settings"].help, first.hint, END)
    assert (second.hint in terminal.words) is (columns == 80)
    terminal.type(DOWN)
    terminal.expect(second.hint, END)
    assert (first.hint in terminal.words) is (columns == 80)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_an_impossible_choice_is_shown_with_its_reason_and_cannot_be_chosen(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--database", "none", "--no-verify")
    customize(terminal)
    jwt = BY_NAME["auth"].choice("jwt")
    assert jwt is not None
    for question in SCREENS:
        if question.name != "database":
            terminal.expect(question.help)
            if question.name == "auth":
                terminal.expect(f"{jwt.label} ({jwt.needs['database']})")
            terminal.type(ENTER)
    terminal.expect(REVIEW)
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert answers_of(tmp_path / "x")["auth"] != "jwt"


def test_a_flag_makes_earlier_choices_impossible(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--auth", "jwt")
    customize(terminal)
    accept_until(terminal, "database")
    terminal.expect("None (Auth jwt was given. JWT sign-in keeps accounts")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_what_was_given_is_in_the_summary_of_the_first_screen(tmp_path: Path) -> None:
    resources = "customer name:str; invoice amount:money customer:ref:customer; " + "x" * 90
    given = ["--resources", resources.rpartition(";")[0], "--description", "Bills.", "--ci", "none"]
    terminal = Terminal(tmp_path, "new", "x", *given)
    terminal.expect(START, "resources customer name:str; invoice amount:money", "description Bills.")
    assert "--" not in terminal.screen
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_a_text_that_is_not_one_is_refused_without_a_word_of_options(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new")
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect("What is the project called?")
    os.write(terminal._own, b"a\xff\r")
    terminal.expect("It is not UTF-8.")
    assert "--" not in terminal.screen
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_resources_make_choices_impossible(tmp_path: Path) -> None:
    refers = "customer name:str; bill amount:money customer:ref:customer"
    terminal = Terminal(tmp_path, "new", "x", "--resources", refers)
    customize(terminal)
    accept_until(terminal, "database")
    terminal.expect("None (Resources customer name:str; ", "References need a database", END)
    accept_all(terminal, [screen for screen in after("database") if screen.name != "resources"])
    terminal.expect(REVIEW)
    terminal.type(*[DOWN] * (QUESTIONS.index(BY_NAME["database"]) + 1), ENTER)
    terminal.expect(BY_NAME["database"].help)
    terminal.type(*lines_down(BY_NAME["database"], "none"), ENTER)
    terminal.expect("database stays as it was:", "References need a database", f"resources {refers}")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_same_as_last_time(tmp_path: Path) -> None:
    first = Terminal(tmp_path, "new", "x", "--settings", "single", "--no-verify")
    first.expect(START)
    assert "Same as last time" not in first.words
    first.type(ENTER)
    first.expect(REVIEW)
    first.type(ENTER)
    assert first.end() == 0
    second = Terminal(tmp_path, "new", "y", "--no-verify")
    second.expect("Same as last time")
    second.type(DOWN)
    second.expect("settings One class")
    second.type(ENTER)
    second.expect(REVIEW, "settings One class")
    second.type(ENTER)
    assert second.end() == 0
    assert answers_of(tmp_path / "y") == answers_of(tmp_path / "x") | {"project_name": "y"}


def test_what_was_chosen_last_time_is_not_offered_where_it_is_impossible(tmp_path: Path) -> None:
    first = Terminal(tmp_path, "new", "x", "--database", "none", "--no-verify")
    first.expect(START)
    first.type(ENTER)
    first.expect(REVIEW)
    first.type(ENTER)
    assert first.end() == 0
    second = Terminal(tmp_path, "new", "y", "--auth", "jwt")
    second.expect(START, "database SQLite", END)
    assert "Same as last time" not in second.words
    second.type(CTRL_C)
    assert second.end() == 130


def test_an_own_default_that_a_flag_makes_impossible_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[answers]\ndatabase = "none"\n')
    terminal = Terminal(tmp_path, "new", "x", "--auth", "jwt", FASTAPI_SCAFFOLD_CONFIG=str(config), columns=200)
    assert terminal.end() == 2
    assert f"Using --database none from {config}" in terminal.words


def test_own_defaults_are_recommended_and_announced(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[answers]\nsettings = "single"\n')
    terminal = Terminal(tmp_path, "new", "x", FASTAPI_SCAFFOLD_CONFIG=str(config))
    terminal.expect("settings One class", "with your defaults from")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


# ── numbers, filter ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_chooses_what_stands_behind_it(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--database", "none")
    terminal.expect(START, "enter or number choose", END)
    assert "/ filter" not in terminal.words
    terminal.type("2")
    accept_until(terminal, "auth", but="database")
    jwt = BY_NAME["auth"].choice("jwt")
    assert jwt is not None
    number = 1 + BY_NAME["auth"].choices.index(jwt)
    terminal.expect(f"- {number}) {jwt.label} ({jwt.needs['database']})", END)
    before = terminal.screen
    first = next(line for line in before.splitlines() if "❯" in line).strip()
    # One that is not possible says why, and stays; there is no ninth one, and nothing to write, paste or search on.
    terminal.type(str(number), "9", "j", "/", "\x1b[200~pasted\x1b[201~", "\x12", UP)
    terminal.expect(f"❯ {len(BY_NAME['auth'].choices)})")
    terminal.type(DOWN)
    terminal.expect(" ".join(first.split()), END)
    assert terminal.screen == before
    terminal.type(str(1 + BY_NAME["auth"].values.index("none")))
    terminal.expect(BY_NAME["settings"].help, "auth: None")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_the_review_is_narrowed_by_what_is_typed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--python-version", "3.13", rows=40)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW, "Delivery", "/ filter", END)
    everything = terminal.screen
    terminal.type("/")
    terminal.expect("esc clear the filter", END)
    # A digit chooses no more; headings without choices are gone.
    terminal.type(*"3.1")
    terminal.expect("Project ❯ python version Python 3.13", "/ 3.1 ↑↓ move, enter choose, esc clear", END)
    assert "Delivery" not in terminal.words
    assert "Create the project" not in terminal.words
    terminal.type(ESCAPE)
    terminal.expect(" ❯ 4) python version", "Create the project", "/ filter, esc back", END)
    terminal.type(UP, UP, UP)
    terminal.expect("❯ 1) Create the project", END)
    assert terminal.screen == everything
    terminal.type(*"SeTTings", ENTER)
    terminal.expect(BY_NAME["settings"].help, END)
    terminal.type(ESCAPE)
    terminal.expect(REVIEW)
    terminal.type(ESCAPE)
    terminal.expect(START)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_nothing_is_called_so(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x")
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW, END)
    terminal.type(*"yz")
    terminal.expect("Nothing that can be chosen is called so.", "/ yz ↑↓ move", "esc clear the filter, ctrl-c cancel")
    assert "❯" not in terminal.screen
    assert "Create the project" not in terminal.screen
    terminal.type(ENTER, UP, DOWN, ENTER, BACKSPACE)
    terminal.expect("❯ python version", "/ y ↑↓ move", END)
    terminal.type(BACKSPACE)
    terminal.expect(REVIEW, "1) Create the project", "/ filter", END)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


# ── back ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_back_at_every_step_with_the_earlier_answer_preselected(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "--no-verify")
    customize(terminal)
    terminal.expect(BY_NAME["project_name"].help)
    terminal.type("My API", ENTER)
    later = [question for question in SCREENS if question.name != "project_name"]
    for question in later:
        terminal.expect(question.help)
        if question.name == "settings":
            terminal.type(*lines_down(question, "single"))
        terminal.type(ENTER)
    terminal.expect(REVIEW)
    for question in reversed(later):
        terminal.type(ESCAPE)
        terminal.expect(question.help)
    terminal.type(ESCAPE)
    terminal.expect("❯ My API")
    terminal.type(ESCAPE)
    terminal.expect(START, "❯ 2) Customize")
    terminal.type(ENTER)
    for question in SCREENS:
        terminal.expect(question.help)
        if question.name == "settings":
            terminal.expect("❯ 2) One class")
        terminal.type(ENTER)
    terminal.expect(REVIEW, "project name My API")
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert answers_of(tmp_path / "my-api")["settings"] == "single"


# ── review ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_any_line_of_the_review_can_be_changed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--no-verify", rows=40)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW)
    names = [question.name for question in QUESTIONS]
    terminal.type(*[DOWN] * (names.index("database") + 1), ENTER)
    terminal.expect(BY_NAME["database"].help)
    terminal.type(*lines_down(BY_NAME["database"], "none"), ENTER)
    terminal.expect(REVIEW, "database None", "auth is ", "so it needs a database.", "--database none")
    terminal.type(*[UP] * (names.index("database") - names.index("description")), ENTER)
    terminal.expect(BY_NAME["description"].help)
    terminal.type(CTRL_U, "It counts sheep.", ENTER)
    terminal.expect(REVIEW, "It counts sheep.")
    terminal.type(UP, UP)
    terminal.expect("❯ 1) Create the project")
    terminal.type(ENTER)
    assert terminal.end() == 0
    recorded = answers_of(tmp_path / "x")
    assert (recorded["database"], recorded["description"]) == ("none", "It counts sheep.")
    assert recorded["auth"] != "jwt"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 15)])
def test_the_review_lists_every_file(tmp_path: Path, columns: int, rows: int) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=columns, rows=rows)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW, END)
    terminal.type(UP, UP, ENTER)
    terminal.expect("create .copier-answers.yml", "(more lines: ", " below)", "enter or esc back", END)
    assert REVIEW not in terminal.words
    assert len(terminal.screen.splitlines()) <= rows
    terminal.type(" ")
    terminal.expect(" above, ", END)
    terminal.type(PAGE_UP)
    terminal.expect("create .copier-answers.yml", "(more lines: ", END)
    terminal.type(LAST)
    terminal.expect("create test_users.py (more lines: ", " above) ", END)
    assert "below" not in terminal.words
    terminal.type(ESCAPE)
    terminal.expect(REVIEW, "List every file", END)
    terminal.type(ENTER)
    terminal.expect("create .copier-answers.yml")
    terminal.type(CTRL_C)
    assert terminal.end() == 130
    assert tree(tmp_path) == []


def test_a_long_answer_leaves_the_review_in_order(tmp_path: Path) -> None:
    resources = "; ".join(f"res{letter} name:str paid_at:datetime:optional" for letter in "abcdf")
    terminal = Terminal(tmp_path, "new", "x", "--resources", resources, rows=40)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect("Looking at what would be written")
    terminal.expect(REVIEW, f"resources {resources[:90]}", f"--resources '{resources}'", END)
    lines = terminal.screen.splitlines()
    at = next(number for number, line in enumerate(lines) if "9) resources" in line)
    column = lines[at].index("resa")
    assert lines[at + 1].startswith(" " * column + resources[len(lines[at]) - column + 1 :][:20])
    assert "Delivery" in lines[at + 2]
    terminal.type(CTRL_C)
    assert terminal.end() == 130


# ── what is there already ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "README.md").write_text("mine\n")
    return tmp_path


@pytest.mark.parametrize(
    ("steps", "project", "readme", "preview"),
    [
        (0, "x-2", False, " new files: "),
        (2, "x", True, "keep README.md: yours is different"),
        (3, "x", False, "replace README.md: yours is different and will be lost"),
    ],
    ids=["another name", "keep", "replace"],
)
def test_a_directory_with_something_in_it(taken: Path, steps: int, project: str, readme: bool, preview: str) -> None:
    terminal = Terminal(taken, "new", "x", "--no-verify")
    terminal.expect("is not empty. What now?")
    terminal.type(*[DOWN] * steps, ENTER)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(preview)
    assert (taken / "x" / "README.md").read_text() == "mine\n"
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert ((taken / project / "README.md").read_text() == "mine\n") is readme


@pytest.mark.parametrize(
    ("arguments", "offer"),
    [
        ([], "❯ 1) Create the project"),
        (["--dry-run"], "❯ 1) Show what would be written"),
        (["--diff"], "❯ 1) Show what would be written"),
        (["--on-existing", "merge"], "❯ 1) Merge the project into your files"),
        (["--on-existing", "merge", "--dry-run"], "❯ 1) Show what would be written"),
    ],
)
def test_the_review_offers_what_will_be_done(taken: Path, arguments: list[str], offer: str) -> None:
    merges = "merge" in arguments
    terminal = Terminal(taken, "new", "x" if merges else "y", "--no-verify", *arguments, rows=50)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW, offer, END)
    assert ("committing is left to you" in terminal.words) is merges
    before = tree(taken)
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert (tree(taken) == before) is ("--dry-run" in arguments or "--diff" in arguments)


def test_a_project_that_is_there_already_cannot_be_merged_with(taken: Path) -> None:
    (taken / "x" / ".copier-answers.yml").write_text("_src_path: x\n")
    terminal = Terminal(taken, "new", "x", "--no-verify")
    terminal.expect("is not empty. What now?", "Create it as x-2", END)
    assert terminal.words.count("It is a project of fastapi-scaffold already") == 2
    terminal.type(DOWN, DOWN)
    terminal.expect("❯ 5) Cancel")
    terminal.type(ENTER)
    assert terminal.end() == 130


def test_back_to_what_shall_happen_to_the_files(taken: Path) -> None:
    terminal = Terminal(taken, "new", "x", "--no-verify")
    terminal.expect("is not empty. What now?", END)
    assert "esc back" not in terminal.words
    terminal.type("3")
    terminal.expect(START, "esc back", END)
    terminal.type(ENTER)
    terminal.expect(REVIEW, "Merge the project into your files", END)
    terminal.type(ESCAPE)
    terminal.expect(START, END)
    terminal.type(ESCAPE)
    terminal.expect("is not empty. What now?", END)
    terminal.type("1")
    terminal.expect(START, END)
    terminal.type(ENTER)
    terminal.expect(REVIEW, "x-2", "Create the project", END)
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert tree(taken / "x") == ["README.md"]


def test_another_directory(taken: Path) -> None:
    terminal = Terminal(taken, "new", "x", "--no-verify")
    terminal.expect("is not empty. What now?")
    terminal.type(DOWN, ENTER)
    terminal.expect("In which directory?")
    terminal.type(CTRL_U, "x", ENTER)
    terminal.expect("Choose a directory that is new or empty.")
    terminal.type(CTRL_U, "other", ENTER)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW)
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert (taken / "other" / "pyproject.toml").exists()


# ── stopping ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def at_start(terminal: Terminal) -> None:
    terminal.expect(START)


def at_text(terminal: Terminal) -> None:
    customize(terminal)
    terminal.expect(BY_NAME["project_name"].help)


def at_choice(terminal: Terminal) -> None:
    at_text(terminal)
    terminal.type("x", ENTER)
    terminal.expect(BY_NAME["description"].help)
    terminal.type(ENTER)
    terminal.expect(BY_NAME["python_version"].help)


def at_review(terminal: Terminal) -> None:
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(BY_NAME["project_name"].help)
    terminal.type("x", ENTER)
    terminal.expect(REVIEW)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["ctrl-c", "end of input"])
@pytest.mark.parametrize("reach", [at_start, at_text, at_choice, at_review])
def test_cancelled(tmp_path: Path, reach: object, key: str) -> None:
    terminal = Terminal(tmp_path, "new")
    assert callable(reach)
    reach(terminal)
    terminal.type(key)
    assert terminal.end() == 130
    assert terminal.screen.endswith("Cancelled, nothing was written.\n")
    assert tree(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("reach", [at_text, at_choice])
def test_stopped_by_another_program(tmp_path: Path, reach: object, number: int) -> None:
    terminal = Terminal(tmp_path, "new")
    assert callable(reach)
    reach(terminal)
    terminal.expect(END)
    terminal.signal(number)
    assert terminal.end() == 130
    assert terminal.screen.endswith("Cancelled, nothing was written.\n")
    assert tree(tmp_path) == []


def test_paused_by_another_program(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--no-verify")
    terminal.expect(START, END)
    terminal.pause()
    assert "Recommended" not in terminal.words
    terminal.signal(signal.SIGCONT)
    terminal.expect(START, "1) Recommended", END)
    terminal.type(ENTER)
    terminal.expect(REVIEW, END)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_a_pause_of_ones_own(tmp_path: Path) -> None:
    """Nobody can continue what leads its terminal; so a shell is between them."""
    terminal = Terminal(tmp_path, "new", "x", before=SHELL)
    terminal.expect(START, END)
    terminal.type(CTRL_Z)
    terminal.expect("paused")
    terminal.type("fg\n")
    terminal.expect(START, "1) Recommended", END)
    terminal.type(ENTER)
    terminal.expect(REVIEW, END)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_the_window_is_closed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new")
    terminal.expect(START)
    terminal.hang_up()
    assert terminal.wait() != 0
    assert tree(tmp_path) == []


# ── not asked ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["x", "--defaults", "--no-verify"], 0, "Created"),
        (["x", "--json"], 2, "missing_answers"),
        (["x", "--database", "tape"], 2, "error: --database is one of"),
    ],
    ids=["defaults", "json", "wrong"],
)
def test_nothing_is_asked(tmp_path: Path, arguments: list[str], code: int, text: str) -> None:
    terminal = Terminal(tmp_path, "new", *arguments)
    terminal.expect(text)
    assert terminal.end() == code


# ── how it looks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def every_screen(terminal: Terminal) -> Iterator[str]:
    terminal.expect(START, END)
    yield terminal.screen
    terminal.type(UP, ENTER)
    for question in SCREENS:
        terminal.expect(question.help, END)
        yield terminal.screen
        terminal.type(ENTER)
    terminal.expect(REVIEW, END)
    yield terminal.screen


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_every_screen_fits(tmp_path: Path, columns: int) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=columns, rows=24)
    for screen in every_screen(terminal):
        lines = screen.splitlines()
        assert len(lines) <= 24
        assert all(len(line) < columns for line in lines)
        assert "ctrl-c cancel" in " ".join(" ".join(lines).split()), screen
        assert screen.count("❯") == 1
    terminal.type(CTRL_C)
    assert terminal.end() == 130


@pytest.mark.parametrize("columns", [40, 80])
def test_what_is_below_a_low_window_is_within_reach(tmp_path: Path, columns: int) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=columns, rows=22)
    terminal.expect(START)
    terminal.type(ENTER)
    terminal.expect(REVIEW, "❯ 1) Create the project", "(more lines: ", " below) ", END)
    assert "without questions" not in terminal.words
    terminal.type(UP)
    terminal.expect("The same without questions:", "fastapi-scaffold new ", " above) ", END)
    terminal.type(DOWN)
    terminal.expect(REVIEW, "❯ 1) Create the project", END)
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_the_hint_is_in_a_low_window_too(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--database", "none", columns=40, rows=14)
    terminal.expect(START)
    terminal.type("2")
    accept_until(terminal, "auth", but="database")
    first = next(choice for choice in BY_NAME["auth"].choices if "database" not in choice.needs)
    terminal.expect(BY_NAME["auth"].help, f") {first.label}", first.hint, END)
    assert "JWT" not in terminal.words
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_why_a_text_is_refused_and_the_keys_come_before_the_explanation(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=60, rows=20)
    customize(terminal)
    accept_until(terminal, "resources")
    terminal.expect("NAME[/PLURAL]", "Enter alone: none.", END)
    terminal.type("bill paid:strr; order total:foo sum:bar", ENTER)
    # The last words are found only where the whole screen was drawn anew.
    reasons = ['There is no type "strr". Did you mean str?', 'There is no type "foo".']
    terminal.expect(*reasons, "NAME[/PLURAL]", ":optional with any TYPE. ... enter accept", END)
    assert "Enter alone" not in terminal.words
    assert len(terminal.screen.splitlines()) <= 20
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_the_window_changes_its_size(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", columns=100)
    terminal.expect(START)
    terminal.resize(40, 20)
    terminal.type(DOWN, UP)
    terminal.expect("❯ 1) Recommended", "the newest that works here", "enter or number choose, ctrl-c cancel")
    assert all(len(line) < 40 for line in terminal.screen.splitlines())
    terminal.type(ENTER)
    terminal.expect(REVIEW)
    assert all(len(line) < 40 for line in terminal.screen.splitlines())
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_without_colour(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--no-verify", NO_COLOR="1")
    for _ in every_screen(terminal):
        pass
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert COLOUR.search(terminal.raw) is None


def test_with_colour(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x")
    terminal.expect(START)
    assert COLOUR.search(terminal.raw)
    # No background is set, and nothing is black, white or yellow: it must be read on light and on dark.
    assert set(re.findall(r"\x1b\[[0-9;]*?(\d+)m", terminal.raw)) <= {"0", "1", "32", "36", "31"}
    terminal.type(CTRL_C)
    assert terminal.end() == 130


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_with_few_characters(tmp_path: Path, encoding: str) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--no-verify", PYTHONIOENCODING=encoding)
    terminal.expect(START)
    terminal.type(UP, ENTER)
    for question in SCREENS:
        terminal.expect(question.help, "> ", ", esc back")
        terminal.type(ENTER)
    terminal.expect(REVIEW, "up/down move")
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert terminal.raw.isascii()
