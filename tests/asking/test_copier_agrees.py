"""The validator of this package and Copier's own accept and refuse the same answers, and read them alike."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.engine import render
from fastapi_scaffold.writing.template import template_root

REAL = load_questionnaire(template_root())
NAMES = st.text(max_size=70) | st.from_regex(r"[A-Za-z][A-Za-z0-9 ._-]{0,64}", fullmatch=True)
DESCRIPTIONS = st.text(max_size=210)
CHOICES = st.fixed_dictionaries(
    {question.name: st.sampled_from([*question.values, "other"]) for question in REAL.questions if question.choices}
)


def ours(answers: dict[str, str]) -> dict[str, str] | None:
    try:
        return complete(REAL, answers)
    except InvalidAnswer:
        return None


def copiers(answers: dict[str, str], root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str] | None:
    monkeypatch.setattr("fastapi_scaffold.writing.engine.template_root", lambda: root)
    with TemporaryDirectory() as directory:
        try:
            return render(answers, Path(directory))
        except InvalidAnswer:
            return None


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("empty")
    shutil.copytree(template_root() / "template/_macros", root / "template/_macros")
    (root / "copier.yml").write_text((template_root() / "copier.yml").read_text())
    return root


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, description=DESCRIPTIONS, choices=CHOICES)
@example(name="fastapi", description="x", choices={})
@example(name="my api\n", description="x", choices={})
@example(name="ａpi", description="x", choices={})
@example(name="api", description="{{ catalogue }}", choices={})
@example(name="api", description="'\"\\ {% raw %}", choices={})
@example(name="api", description="\u2028", choices={})
@example(name="api", description="null", choices={})
@example(name="on", description="1.10", choices={"auth": "none"})
@example(name="api", description="x", choices={"database": "none", "auth": "jwt"})
@example(name="api", description="x", choices={"database": "sqlite", "deployment": "kubernetes"})
@example(name="api", description="x", choices={"database": "none", "auth": "none", "deployment": "aws_lambda"})
def test_same_verdict(
    name: str, description: str, choices: dict[str, str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"project_name": name, "description": description, **choices}
    accepted = ours(answers)
    assert copiers(answers if accepted is None else accepted, root, monkeypatch) == accepted
