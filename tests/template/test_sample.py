"""What looks at a distinct file once sees what looks at every project would see."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.template import faults
from tests.template.combinations import PAIRS, TRIPLES, VALID, pairs, triples
from tests.template.projects import given, shared_renders
from tests.template.renders import Render, Renders
from tests.template.sample import Sample, imported


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (faults.parsing, "app/x.py", "def\n"),
        (faults.parsing, "pyproject.toml", "x\n"),
        (faults.parsing, "compose.yaml", "a: [\n"),
        (faults.parsing, ".gitlab-ci.yml", "a: ]\n"),
        (faults.parsing, "renovate.json", "{\n"),
        (faults.tidiness, "README.md", "no end"),
        (faults.tidiness, "README.md", "two ends\n\n"),
        (faults.tidiness, "README.md", "a space \nb\n"),
        (faults.tidiness, "README.md", "a\n\n\ngap\n"),
        (faults.tidiness, "app/x.py", "a\n\n\n\ngap\n"),
        (faults.tidiness, "README.md", "{% if it %}\n"),
        (faults.tidiness, "README.md", "{{ it }}\n"),
        (faults.tidiness, "README.md", f"{faults.ROOT}/template\n"),
        (faults.length, "README.md", "x" * 141 + "\n"),
        (faults.length, "Dockerfile", "x" * 141 + "\n"),
    ],
)
def test_a_fault_is_found(check: Callable[[str, str], list[str]], path: str, text: str) -> None:
    assert len(check(path, text)) == 1


def test_a_trace_is_found_in_a_text_and_in_a_path() -> None:
    trace = faults.TRACES["database", "none"]
    assert faults.traces(trace, "app/x.py", "import sqlalchemy\n") == ["sqlalchemy"]
    assert faults.traces(trace, "migrations/x.py", "\n") == ["migrat"]
    assert faults.traces(trace, "tests/practices/x.py", "import sqlalchemy\n") == []


def test_coverings_have_every_part() -> None:
    for chosen, parts in ((PAIRS, pairs), (TRIPLES, triples)):
        assert {part for one in chosen for part in parts(one)} == {part for one in VALID for part in parts(one)}
    assert len(PAIRS) < 30


def test_a_module_is_told_by_every_name_that_may_be_one() -> None:
    source = "import a.b\nfrom c import d\ndef f():\n    from e.f import g\n"
    assert imported(source) == {"a", "a.b", "c", "c.d", "e", "e.f", "e.f.g"}


FILES = {
    "pyproject.toml": "[tool.ruff]\n[tool.ty]\n[tool.importlinter]\n",
    "app/a.py": "from app import b\n",
    "app/b.py": "import app.c\n",
    "app/c.py": "C = 1\n",
}


def made(directory: Path, *changes: dict[str, str]) -> Sample:
    """Return a sample of projects that differ in these files."""
    renders = Renders(directory)
    sample = Sample([], renders)
    for number, change in enumerate(changes):
        project = directory / str(number)
        for path, text in {**FILES, **change}.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text)
        sample.add({"number": str(number)}, Render(*renders.keep(project)))
    return sample


@pytest.mark.parametrize(
    ("change", "more", "apart"),
    [
        ({}, 0, 1),
        ({"README.md": "Another.\n"}, 0, 1),
        # The second project has all that is in the first.
        ({"app/d.py": "D = 1\n"}, 1, 1),
        ({"app/c.py": "C = 2\n"}, 3, 2),
        ({"app/b.py": "B = 2\n"}, 2, 2),
        ({"app/b/__init__.py": "B = 2\n"}, 2, 2),
        ({"app/c/__init__.py": "C = 1\n"}, 3, 2),
        ({"app/b/C.py": "", "app/a.py": "from app.b import C\n"}, 2, 2),
        ({"pyproject.toml": FILES["pyproject.toml"].replace("ty", "ty]\nx = 1\n[tool.none")}, 3, 2),
    ],
)
def test_a_file_is_another_one_if_what_it_imports_is(
    change: dict[str, str], more: int, apart: int, tmp_path: Path
) -> None:
    sample = made(tmp_path, {}, change)
    first, second = (sample.sources(render) for _, render in sample.combinations)
    assert (len(second - first), len(sample.apart)) == (more, apart)


def test_one_project_stands_for_all_with_the_same_files(tmp_path: Path) -> None:
    sample = made(tmp_path, {}, {"deploy/x": "1\n"}, {"deploy/x": "1\n", "app/c.py": ""}, {"deploy/x": "2\n"})
    assert len(sample.distinct("deploy/")) == 2
    assert sample.distinct("nothing/") == []


def test_a_project_is_rendered_once_and_copied_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renders = shared_renders()
    rendered = renders.of(given(VALID[0]))
    monkeypatch.setattr("fastapi_scaffold.writing.engine.render", None)
    assert Renders(renders.directory).of(given(VALID[0])) == rendered
    renders.copy(given(VALID[0]), tmp_path / "my-api")
    files = {
        str(path.relative_to(tmp_path / "my-api")): path for path in (tmp_path / "my-api").rglob("*") if path.is_file()
    }
    assert files.keys() == rendered.files.keys()
    assert all(path.read_bytes() == renders.content(rendered.files[name]).read_bytes() for name, path in files.items())


def test_files_of_one_size_do_not_have_one_time(tmp_path: Path) -> None:
    several = {settings: given(VALID[0] | {"settings": settings}) for settings in ("by_domain", "single")}
    shared_renders().of_all(several.values())
    for settings, answers in several.items():
        shared_renders().copy(answers, tmp_path / settings)
    first, second = (tmp_path / settings / "app/config.py" for settings in ("by_domain", "single"))
    assert first.read_bytes() != second.read_bytes()
    assert int(first.stat().st_mtime) != int(second.stat().st_mtime)
