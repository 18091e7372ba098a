"""Every answer is data: whatever text is accepted comes out as that text, in every language it is written in."""

import ast
import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import VALID
from tests.template.projects import files_of, render_project, succeed

QUESTIONNAIRE = load_questionnaire(template_root())
HOSTILE = [
    "quotes \" ' ''' \"\"\" ` ``` in a row",
    "back\\slash \\n \\u0041 \\",
    "{{ 7 * 7 }} {% if x %} {# #} ${HOME} $(id) %(x)s %s",
    "</script><script>alert(1)</script> <!-- --> &amp; &",
    "# heading, - list, [link](javascript:x), **bold**, | table |",
    "emoji 🎉 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 and עברית العربية",
    "yaml: {a: [1, 2]}, &anchor *alias !tag, key: value # comment",
    "'; DROP TABLE item; --",
    "x" * 200,
]
REFUSED = ["", "   ", "two\nlines", "bell \x07", "x" * 201, "reversed \u202e text", "null \x00", "next\u2028line"]


def check(project: Path, description: str) -> None:
    """Check that the description arrived everywhere as it is, and that nothing broke."""
    pyproject = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["description"] == description.strip()
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers["description"] == description
    for path in files_of(project):
        if path.suffix == ".py":
            ast.parse(path.read_text(encoding="utf-8"))
    title, _, shown = (project / "README.md").read_text(encoding="utf-8").splitlines()[:3]
    assert title.startswith("# ")
    assert plain(shown) == description.strip()


def plain(markdown: str) -> str:
    """Return what a reader sees of one line of Markdown in which every special character is escaped."""
    text, escaped = "", False
    for character in markdown:
        if character == "\\" and not escaped:
            escaped = True
            continue
        assert escaped or character not in "`*_{}[]<>#|&~", f"{character} is not escaped in {markdown}"
        text, escaped = text + character, False
    return text


@pytest.mark.parametrize("description", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_descriptions(description: str, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", VALID[0], description=description)
    check(project, description)
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")


@pytest.mark.parametrize("description", REFUSED, ids=range(len(REFUSED)))
def test_refused_descriptions(description: str) -> None:
    with pytest.raises(InvalidAnswer, match="description"):
        complete(QUESTIONNAIRE, {"project_name": "My API", "description": description})


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=200))
@example("\\")
@example('"')
def test_any_description_is_refused_or_arrives(description: str) -> None:
    try:
        complete(QUESTIONNAIRE, {"project_name": "My API", "description": description})
    except InvalidAnswer:
        return
    with tempfile.TemporaryDirectory() as directory:
        check(render_project(Path(directory, "my-api"), VALID[-1], description=description), description)


@pytest.mark.parametrize(
    "name",
    ["", "1st", "-x", "a b ", "a  b", "a/b", "../x", "naïve", "a" * 61, "fastapi", "a\n", "pydantic settings", "x$y"],
)
def test_refused_names(name: str) -> None:
    with pytest.raises(InvalidAnswer, match="name"):
        complete(QUESTIONNAIRE, {"project_name": name, "description": "An API."})
