"""`practices`."""

import json

from fastapi_scaffold.proving.practices import load_practices
from tests.console import Cli


def test_list(run: Cli) -> None:
    result = run("practices")
    assert (result.code, result.err) == (0, "")
    assert "  should  app-factory                     Build the application in a factory function\n" in result.out
    assert "(no test)" in result.out
    assert all(f" {row.id} " in result.out and row.group in result.out for row in load_practices())


def test_json(run: Cli) -> None:
    report = json.loads(run("practices", "--json").out)
    assert (report["command"], report["ok"]) == ("practices", True)
    assert [row["id"] for row in report["practices"]] == [row.id for row in load_practices()]
    one = json.loads(run("practices", "app-factory", "--json").out)["practices"]
    assert one == [row for row in report["practices"] if row["id"] == "app-factory"]
