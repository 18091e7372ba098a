"""The catalogue."""

from itertools import groupby

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.writing.template import template_root


def test_ids_are_unique_and_groups_are_together() -> None:
    rows = load_practices()
    assert len({row.id for row in rows}) == len(rows)
    groups = [group for group, _ in groupby(rows, lambda row: row.group)]
    assert len(set(groups)) == len(groups)


def test_a_practice_has_a_test_or_a_reason() -> None:
    assert {row.id for row in load_practices() if row.provable == bool(row.reason)} == set()


def test_what_applies_follows_from_the_answers() -> None:
    questionnaire = load_questionnaire(template_root())
    bare = applicable(load_practices(), questionnaire.capabilities({"database": "none"}))
    sql = applicable(load_practices(), questionnaire.capabilities({"database": "sqlite"}))
    assert set(bare) < set(sql)
    assert all(row.provable and not row.requires for row in bare)
