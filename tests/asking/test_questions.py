"""copier.yml as objects."""

import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.asking.answers import validate
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.template import template_root
from tests.console import CHECKOUT, spawn


def test_questions_are_the_visible_entries_in_order() -> None:
    entries = yaml.safe_load((template_root() / "copier.yml").read_text())
    visible = [name for name, entry in entries.items() if name[0] != "_" and entry.get("when") is not False]
    assert [question.name for question in load_questionnaire(template_root()).questions] == visible


def test_choices_carry_the_facts_of_their_rows() -> None:
    entries = yaml.safe_load((template_root() / "copier.yml").read_text())
    for question in load_questionnaire(template_root()).questions:
        rows = entries["catalogue"]["default"].get(question.name, {})
        assert question.values == list(rows)
        for choice in question.choices:
            row = rows[choice.value]
            assert (choice.label, choice.hint) == (row["label"], row["hint"])
            assert (choice.provides, choice.needs) == (set(row["provides"]), row["needs"])


def test_flags_are_the_names_with_dashes() -> None:
    flags = [question.flag for question in load_questionnaire(template_root()).questions]
    assert "--project-name" in flags
    assert all("_" not in flag for flag in flags)


def test_capabilities_are_the_union_of_the_chosen_rows() -> None:
    questionnaire = load_questionnaire(template_root())
    assert questionnaire.capabilities({"project_name": "x", "auth": "none", "ci": "none"}) == frozenset()
    assert {"database", "users"} <= questionnaire.capabilities({"database": "sqlite", "auth": "jwt"})
    for resources, provided in (("", set()), (" ; ", set()), ("note text:text", {"resource", "operations"})):
        assert questionnaire.capabilities({"example": "none", "resources": resources}) == provided


def test_what_is_said_of_modifiers_is_what_the_validator_accepts() -> None:
    questionnaire = load_questionnaire(template_root())
    question = next(question for question in questionnaire.questions if question.notation)
    assert question.notation
    assert list(question.notation.modifiers) == [":optional", ":unique", ":after=FIELD"]
    for modifier, takers in question.notation.modifiers.items():
        for name in questionnaire.tables["types"]:
            type_ = name + {"ref": ":item", "enum": ":draft"}.get(name, "")
            written = f"thing one:{type_} other:{type_}{modifier.replace('FIELD', 'one')}"
            refused: AbstractContextManager[object] = nullcontext()
            if takers != "any TYPE" and name not in takers.split(", "):
                refused = pytest.raises(InvalidAnswer, match=f"is nothing that {name} can be")
            with refused:
                validate(questionnaire, question, written, {"database": "sqlite", "auth": "jwt", "example": "item"})
    assert question.notation.modifiers[":after=FIELD"] == "date, datetime"


def test_a_new_row_is_a_new_choice_without_a_change_of_code(tmp_path: Path) -> None:
    shutil.copytree(
        CHECKOUT / "fastapi_scaffold", tmp_path / "fastapi_scaffold", ignore=shutil.ignore_patterns("__pycache__")
    )
    text = (CHECKOUT / "copier.yml").read_text()
    row = "      papyrus: {label: Papyrus, hint: old, provides: [], needs: {nile: It grows by the Nile.}, files: []}\n"
    (tmp_path / "copier.yml").write_text(text.replace("    database:\n", f"    database:\n{row}", 1))
    shutil.copytree(CHECKOUT / "template", tmp_path / "template")

    shown = spawn("new", "--help", directory=tmp_path, PYTHONPATH=str(tmp_path))
    refused = spawn("new", "x", "-y", "--database", "papyrus", directory=tmp_path, PYTHONPATH=str(tmp_path))

    assert "--database papyrus|sqlite|" in shown.out
    assert "--database papyrus is not possible here. It grows by the Nile." in refused.err
