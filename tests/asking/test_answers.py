"""Gathering, validating and explaining answers."""

import dataclasses
import sys
from pathlib import Path

import pytest

from fastapi_scaffold.asking.answer_files import parse_data
from fastapi_scaffold.asking.answers import (
    check_given,
    check_names,
    complete,
    default,
    derive,
    did_you_mean,
    validate,
)
from fastapi_scaffold.asking.pythons import newest_working
from fastapi_scaffold.asking.questions import Choice, Question, Questionnaire, load_questionnaire
from fastapi_scaffold.system.errors import ExitCode, InvalidAnswer
from fastapi_scaffold.writing.template import template_root

REAL = load_questionnaire(template_root())


def choice(value: str, *provides: str, **needs: str) -> Choice:
    return Choice(value, value.title(), "", frozenset(provides), needs)


def question(name: str, *choices: Choice, default: str | None = None, validator: str = "") -> Question:
    return Question(name, f"{name}?", default, "", validator, choices)


STORE = question("store", choice("disk", "store"), choice("none"), default="disk")
LOGIN = question("login", choice("form", "users", store="Accounts are stored."), choice("none"), default="{{ 'x' }}")
SMALL = Questionnaire(Path(), (question("name"), STORE, LOGIN), {}, {})


def test_defaults_fill_what_is_not_given() -> None:
    assert complete(SMALL, {"name": "x"}) == {"name": "x", "store": "disk", "login": "form"}


def test_default_is_the_first_possible_row() -> None:
    assert complete(SMALL, {"name": "x", "store": "none"})["login"] == "none"


def test_literal_default_wins_over_the_order_of_rows_unless_impossible() -> None:
    literal = dataclasses.replace(LOGIN, default="form", choices=LOGIN.choices[::-1])
    assert default(SMALL, literal, {"store": "disk"}) == "form"
    assert default(SMALL, literal, {"store": "none"}) == "none"


def test_defaults_of_the_real_questions_are_valid() -> None:
    answers = complete(REAL, {"project_name": "My API"})
    assert complete(REAL, answers) == answers
    assert derive(REAL, "project_slug", answers) == "my-api"


def test_python_version_defaults_to_one_that_runs_here() -> None:
    answers = complete(REAL, {"project_name": "My API"})
    assert tuple(map(int, answers["python_version"].split("."))) <= sys.version_info[:2]


def test_newest_working_ignores_what_is_not_installed() -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert newest_working(["3.99", own]) == own
    assert newest_working(["3.99"]) == "3.99"


@pytest.mark.parametrize(
    ("directories", "found"),
    [
        (["cpython-3.98.2-linux-x86_64-gnu"], "3.98"),
        (["cpython-3.98.0rc2-linux-x86_64-gnu"], "3.99"),
        (["cpython-3.98.1+freethreaded-linux-x86_64-gnu"], "3.99"),
        (["cpython-3.97.1-linux-x86_64-gnu", "cpython-3.98.0b1-linux-x86_64-gnu"], "3.97"),
        ([], "3.99"),
    ],
)
def test_what_uv_has_installed_counts_if_it_is_released(
    directories: list[str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an interpreter that is newer than all choices nothing can be made; the newest can be installed."""
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    for name in directories:
        (tmp_path / name).mkdir()
    assert newest_working(["3.97", "3.98", "3.99"]) == found


def test_question_without_default_must_be_answered() -> None:
    with pytest.raises(InvalidAnswer, match="--name TEXT") as caught:
        complete(SMALL, {})
    assert caught.value.code == "missing_answers"
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("given", "code", "message", "hint"),
    [
        ({"databse": "sqlite"}, "unknown_question", 'There is no question "databse".', "Did you mean database?"),
        ({"catalogue": "{}"}, "unknown_question", 'There is no question "catalogue".', None),
        ({"_commit": "v1"}, "unknown_question", 'There is no question "_commit".', None),
        ({"project_slug": "x"}, "unknown_question", 'There is no question "project_slug".', None),
        ({"database": "sqllite"}, "invalid_answer", None, "Did you mean sqlite?"),
        ({"database": "SQLite"}, "invalid_answer", None, "Did you mean sqlite?"),
        ({"database": ""}, "invalid_answer", None, None),
        (
            {"database": "none", "auth": "jwt"},
            "impossible_combination",
            "--auth jwt is not possible here. JWT sign-in keeps accounts and refresh tokens, so it needs a database.",
            None,
        ),
        (
            {"database": "postgresql", "jobs": "procrastinate", "resources": "note text:text; job title:str"},
            "impossible_combination",
            None,
            "Choose --jobs none.",
        ),
        ({"project_name": ""}, "invalid_answer", None, None),
        ({"project_name": "x" * 61}, "invalid_answer", None, None),
        ({"project_name": "fastapi"}, "invalid_answer", None, None),
        ({"project_name": "FastAPI CLI"}, "invalid_answer", None, None),
        ({"project_name": "my  api"}, "invalid_answer", None, None),
        ({"project_name": "api\n"}, "invalid_answer", None, None),
        ({"project_name": "{{ 7 * 7 }}"}, "invalid_answer", None, None),
        ({"description": " "}, "invalid_answer", "--description: A description has 1 to 200 characters.", None),
        ({"description": "a\nb"}, "invalid_answer", None, None),
        ({"description": "\udcff"}, "invalid_answer", "--description: It is not UTF-8.", None),
        ({"description": "\u202eevil"}, "invalid_answer", None, None),
        (
            {"resources": "caf\u00e9 stra\u00dfe:str"},
            "invalid_answer",
            '--resources: "caf\u00e9" is not possible. Its letters have to be those of ASCII, as in cafe.\n'
            '"stra\u00dfe:str" is not possible. Its letters have to be those of ASCII.',
            None,
        ),
    ],
)
def test_refused(given: dict[str, str], code: str, message: str | None, hint: str | None) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        complete(REAL, {"project_name": "My API"} | given)
    assert caught.value.code == code
    assert message is None or caught.value.message == message
    assert hint is None or caught.value.hint == hint


@pytest.mark.parametrize("resources", ["", "job_offer title:str", "task job:str job_id:uuid", "print_job x:str"])
def test_a_name_that_only_begins_or_ends_like_a_taken_one_is_free(resources: str) -> None:
    given = {"project_name": "x", "database": "postgresql", "jobs": "procrastinate", "resources": resources}
    assert complete(REAL, given)["jobs"] == "procrastinate"


def test_a_bad_choice_names_the_flag_and_the_legal_values() -> None:
    with pytest.raises(InvalidAnswer) as caught:
        validate(SMALL, STORE, "tape", {})
    assert caught.value.message == '--store is one of disk, none, not "tape".'
    assert caught.value.hint == "Choose with --store disk|none."


def test_an_impossible_combination_names_the_ways_out() -> None:
    with pytest.raises(InvalidAnswer) as caught:
        validate(SMALL, LOGIN, "form", {"store": "none"})
    assert caught.value.hint == "Choose --store disk or --login none."


@pytest.mark.parametrize(
    "description", ['"quotes" \\ back', "{{ name }} {% if %}", '"""', "</script>", "🚀 ünï", "שלום"]
)
def test_hostile_descriptions_are_data(description: str) -> None:
    assert complete(REAL, {"project_name": "x", "description": description})["description"] == description


def test_data_pairs() -> None:
    assert parse_data(["project-name=a=b", "database=none"]) == {"project_name": "a=b", "database": "none"}
    with pytest.raises(InvalidAnswer, match="not of the form name=value"):
        parse_data(["database"])


def test_did_you_mean_says_nothing_about_strangers() -> None:
    assert did_you_mean("xyzzy", ["database"]) == ""
    check_names(REAL, ["database"])


REFERS = "customer name:str; bill amount:money customer:ref:customer"


@pytest.mark.parametrize("given", [{}, {"database": "none"}, {"database": "mysql", "auth": "none"}])
def test_a_text_that_depends_on_other_answers_is_judged_before_they_are_known(given: dict[str, str]) -> None:
    check_given(REAL, {"resources": "customer name:str", **given})
    with pytest.raises(InvalidAnswer, match=r'^--resources: "name:string" is not possible\. There is no type'):
        check_given(REAL, {"resources": "customer name:string", **given})


def test_a_text_is_judged_by_the_answers_that_were_given() -> None:
    check_given(REAL, {"resources": REFERS})
    with pytest.raises(InvalidAnswer, match="References need a database"):
        check_given(REAL, {"resources": REFERS, "database": "none"})


@pytest.mark.parametrize(
    ("word", "words", "nearest"),
    [
        ("3.10", ["3.14", "3.13", "3.12", "3.11"], "3.11"),
        ("3.15", ["3.11", "3.12", "3.13", "3.14"], "3.14"),
        ("mysql", ["postgresql", "MySQL"], "MySQL"),
        ("postgres", ["postgresql", "mysql"], "postgresql"),
    ],
)
def test_did_you_mean_names_the_nearest(word: str, words: list[str], nearest: str) -> None:
    assert did_you_mean(word, words) == f"Did you mean {nearest}?"
