"""Small faults are made as somebody could make them, and generated projects notice those in what changed."""

import pytest

from tools import mutation
from tools.mutants import mutants_of

SOURCE = """
@cached
async def page(limit: int = 50) -> list[str] | None:
    if limit < 1 or limit > 100:
        raise ValueError(limit)
    try:
        found.count += await rows(limit, order=found.order)
        await save(found)
    except driver.Error:
        return []
    return one(key=found)
"""
EXPECTED = {
    ("@cached", ""),
    ("async def page(limit: int = 50) -> list[str] | None:", "async def page(limit: int = 51) -> list[str] | None:"),
    ("async def page(limit: int = 50) -> list[str] | None:", "async def page(limit: int = 49) -> list[str] | None:"),
    ("if limit < 1 or limit > 100:", "if limit <= 1 or limit > 100:"),
    ("if limit < 1 or limit > 100:", "if limit < 2 or limit > 100:"),
    ("if limit < 1 or limit > 100:", "if limit < 0 or limit > 100:"),
    ("if limit < 1 or limit > 100:", "if limit < 1 and limit > 100:"),
    ("if limit < 1 or limit > 100:", "if limit < 1 or limit >= 100:"),
    ("if limit < 1 or limit > 100:", "if limit < 1 or limit > 101:"),
    ("if limit < 1 or limit > 100:", "if limit < 1 or limit > 99:"),
    ("if limit < 1 or limit > 100:", "if not limit < 1 or limit > 100:"),
    ("raise ValueError(limit)", "pass"),
    ("found.count += await rows(limit, order=found.order)", "pass"),
    ("found.count += await rows(limit, order=found.order)", "found.count += await rows(limit)"),
    ("await save(found)", "pass"),
    ("except driver.Error:", "except NotImplementedError:"),
    ("return one(key=found)", "return one()"),
}


def test_each_small_fault_is_made_once() -> None:
    made = [(mutant.before, mutant.after) for mutant in mutants_of("app/x.py", SOURCE)]
    assert sorted(made) == sorted(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("application", ["sqlite-jwt", "postgresql-session", "mysql-api_key", "none-oidc"])
def test_mutants_of_what_changed_are_noticed(application: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutation.main([application, "--changed"]) == 0, capsys.readouterr().out
