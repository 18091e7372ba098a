"""What clients may send as a value of each type: what is documented, at its edges, and nothing else."""

import json
from pathlib import Path
from typing import Any

from tests.template.combinations import VALID
from tests.template.projects import render_project, succeed
from tests.template.test_resources import TYPES

# A value of each type that is taken, and one that is not.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "str": (["a", "x" * 100, "é", "नि\u200dन"], ["", " ", "x" * 101, "\u200b", "a\u202eb", "a\x1bb", "\u200da", 1]),
    "text": (["a", "x" * 2000, "two\nlines"], ["", "x" * 2001, "\x00", "a\x1bb", 1]),
    "int": ([0, -(2**31), 2**31 - 1], ["1", 1.5, True, 2**31, -(2**31) - 1, None]),
    "decimal": ([0, "-9.90", 9.5, "9999999999.99"], ["1_0.00", "1e3", "٣", "9.999", 10**10, True, "NaN", ""]),
    "money": ([0, "9.90", 9.5, "9999999999.99"], ["-0.01", "1_0.00", "1e3", "٣", "9.999", 10**10, "inf", ""]),
    "bool": ([True, False], ["yes", "true", 1, 0, None]),
    "date": (["2026-01-31", "0001-01-01"], [0, "0", 1.5, "2026-1-31", "2026-02-30", "20260131"]),
    "datetime": (
        ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"],
        [0, "0", 1.5, "2026-01-31T12:00:00", "0001-01-01T00:00:00+23:00"],
    ),
    "uuid": (["00000000-0000-4000-8000-000000000001"], ["1", 1, ""]),
    "email": (["ada@example.com"], ["ada", "Ada <ada@example.com>", f"{'a' * 250}@example.com", ""]),
    "url": (["https://example.com/" + "a" * 2000], ["https://example.com/" + "é" * 400, "ftp://example.com", "x", ""]),
    "enum": (["draft"], ["Draft", "", 1, None]),
    "json": ([{}, {"a": [1, None]}], [[], 1, {"a": "\ud800"}, {str(number): 1 for number in range(101)}]),
}
CHECK = """
import json
import sys

from pydantic import ValidationError
from app.archives.schemas import ArchiveCreate as Create


def taken(name: str, sent: object) -> bool:
    try:
        Create.__pydantic_validator__.validate_assignment(Create.model_construct(), f"its_{name}", sent)
    except ValidationError:
        return False
    return True


print(json.dumps([[name, sent] for name, sent in json.load(sys.stdin) if taken(name, sent)]))
"""


def test_every_type_is_tried() -> None:
    assert TYPES.keys() - VALUES.keys() == {"ref"}


def test_values_are_as_they_are_documented(tmp_path: Path, environment: Path) -> None:
    fields = [f"its_{name}:{name}" + ":draft,active" * (name == "enum") for name in VALUES]
    project = render_project(tmp_path / "my-api", VALID[0], resources=f"archive {' '.join(fields)}")
    sent = [[name, value] for name, values in VALUES.items() for value in (*values[0], *values[1])]
    (project / "check.py").write_text(CHECK)
    (project / "sent.json").write_text(json.dumps(sent))
    told = succeed(project, "sh", "-c", f"PYTHONPATH=. {environment / 'python'} check.py < sent.json")
    assert json.loads(told) == [[name, value] for name, values in VALUES.items() for value in values[0]]
