"""Lists, on every database and in memory: filters and orders of every type, from the facts, and queries at random.

10,000 queries: FASTAPI_SCAFFOLD_QUERIES=10000 uv run pytest tests/template/test_lists.py
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.template.combinations import Answers, label
from tests.template.projects import render_project, succeed
from tests.template.test_resources import KINDS, TYPES

QUERIES = os.environ.get("FASTAPI_SCAFFOLD_QUERIES", "120")
AGREEMENT = Path(__file__).with_name("agreement.py")
ARGUMENTS = {"enum": ":draft,active,in-progress", "ref": ":shelf"}


# Two fields of every type, one of which can be empty.
WORDS = (("its", ""), ("any", ":optional"))


def told(kind: str, option: str) -> dict[str, object]:
    """Return what the test must know of a field."""
    row = TYPES[kind]
    filters = [how for how, _ in row["filters"]]
    return {"type": kind, "optional": option, "filters": filters, **{fact: row[fact] for fact in ("searched", "ranks")}}


@pytest.mark.parametrize("answers", KINDS, ids=label)
@pytest.mark.usefixtures("servers")
def test_a_list_says_what_plain_python_says(answers: Answers, tmp_path: Path, environment: Path) -> None:
    kinds = [name for name, row in TYPES.items() if answers["database"] != "none" or not row["refers"]]
    fields = {
        f"{word}_{kind}" + "_id" * TYPES[kind]["refers"]: told(kind, option) for kind in kinds for word, option in WORDS
    }
    words = [f"{word}_{kind}:{kind}" + ARGUMENTS.get(kind, "") + option for kind in kinds for word, option in WORDS]
    resources = f"shelf/shelves name:str; archive {' '.join(words)}"
    project = render_project(tmp_path / "my-api", answers, resources=resources)
    shutil.copy(AGREEMENT, project / "tests" / "test_agreement.py")
    given = {"FIELDS": json.dumps(fields), "DATABASE": answers["database"], "EXAMPLES": QUERIES}
    succeed(project, environment / "python", "-m", "pytest", "-q", "-x", "tests/test_agreement.py", **given)
