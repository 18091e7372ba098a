"""What the tests of the template cost follows what is distinct: another question with three values adds little.

Without that, each of its values would cost as much as all that is there: 480 combinations would become 1,440.
"""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import VALID, Answers, applications, covering, triples
from tests.template.projects import shared_renders
from tests.template.renders import Renders
from tests.template.sample import Sample

# Where something is watched from: a file, a test of its own, and a line in the README of every project.
ROWS = {
    "alpha": {"provides": ["alpha"], "files": ["deploy/alpha.yaml", "tests/practices/test_alpha.py"]},
    "beta": {"provides": ["beta"], "files": ["deploy/beta.yaml"]},
    "none": {"provides": [], "files": []},
}
CHOICES = "{{% import 'template/_macros/choices.jinja' as choices -%}}{{{{ choices.{}(catalogue.watching, []) }}}}"
FILES = {
    "deploy/alpha.yaml": "watch: alpha\n",
    "deploy/beta.yaml": "watch: beta\n",
    "tests/practices/test_alpha.py": "def test_it_is_watched() -> None:\n    assert True\n",
}
# Seconds of CPU that one of them takes, of that which has to be done for every project that is chosen.
SECONDS = {"projects typed": 4.5, "surroundings proven": 7.0, "projects proven": 25.0, "contents looked at": 0.01}


@pytest.fixture
def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a template with one more question in the place of ours."""
    root = tmp_path / "source"
    shutil.copytree(template_root() / "template", root / "template", ignore=shutil.ignore_patterns("__pycache__"))
    questions: dict[str, Any] = yaml.safe_load((template_root() / "copier.yml").read_text())
    rows = {name: {"label": name, "hint": "", "needs": {}, **row} for name, row in ROWS.items()}
    questions["catalogue"]["default"]["watching"] = rows
    questions["sections"]["default"]["Delivery"].append("watching")
    asked = {
        "watching": {
            "type": "str",
            "help": "Who watches it?",
            **{key: CHOICES.format(macro) for key, macro in (("choices", "offered"), ("default", "first"))},
        },
        "watch": {"type": "json", "when": False, "default": "{{ catalogue.watching[watching] | to_json }}"},
    }
    # Before what is derived of all that is chosen.
    place = list(questions).index("chosen")
    rows = list(questions.items())
    questions["chosen"]["default"] = questions["chosen"]["default"].replace("pipeline]", "pipeline, watch]")
    (root / "copier.yml").write_text(yaml.safe_dump(dict(rows[:place]) | asked | dict(rows[place:]), sort_keys=False))
    for name, text in FILES.items():
        (root / "template" / name).write_text(text)
    with (root / "template/README.md.jinja").open("a") as readme:
        readme.write("\nWatched from: {{ watch.label }}.\n")
    monkeypatch.setattr("fastapi_scaffold.writing.engine.template_root", lambda: root)
    return root


def work(combinations: list[Answers], renders: Renders) -> dict[str, int]:
    """Return how much there is to do for these combinations, found as the tests find it."""
    sample = Sample(combinations, renders)
    return {
        "projects rendered": len(combinations),
        "contents looked at": len(sample.files),
        "projects typed": len(sample.apart),
        "surroundings proven": len(covering(combinations, triples)),
        "projects proven": len(applications(2)),
    }


def seconds(units: Mapping[str, int], rendering: float) -> float:
    """Return what all that takes, where rendering one project takes so long."""
    return sum(number * {**SECONDS, "projects rendered": rendering}[what] for what, number in units.items())


# Rendering all of them takes ten minutes; a tenth tells as much.
FEW = {"settings": {"by_domain"}, "ci": {"github"}, "deployment": {"docker", "none"}}
SOME = [one for one in VALID if all(one[name] in values for name, values in FEW.items())]


@pytest.mark.slow
@pytest.mark.parametrize("combinations", [SOME, VALID], ids=["some", "all"])
def test_three_more_values_cost_little(
    combinations: list[Answers], tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    before = work(combinations, shared_renders())
    request.getfixturevalue("grown")
    started = time.process_time()
    more = [answers | {"watching": value} for value in ROWS for answers in combinations]
    renders = Renders(tmp_path / "renders")
    after = work(more, renders)
    rendering = (time.process_time() - started) / len(more)
    growth = seconds(after, rendering) / seconds(before, rendering) - 1
    told = [f"{units}, {seconds(units, rendering):.0f} s of CPU" for units in (before, after)]
    with capsys.disabled():
        print("", *told, f"{growth:+.0%}", sep="\n")  # noqa: T201
    assert after["projects rendered"] == 3 * before["projects rendered"]
    assert after["projects typed"] <= before["projects typed"] * 1.4
    assert growth < 0.4
