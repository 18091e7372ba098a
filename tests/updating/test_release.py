"""Releasing: what is checked, what is written, and that the same input makes the same bytes."""

import shutil
from pathlib import Path

import pytest

from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing import template
from tests.updating.world import QUESTIONS, choice, commit, copier_yml, git, put
from tools import release as tool
from tools.release import NotReleasable, append, check, check_questions, release

PACKAGE = '"""A package."""\n\n__version__ = "0.0.9"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a checkout with a small template."""
    root = tmp_path / "checkout"
    files = {
        "copier.yml": copier_yml(QUESTIONS, {}, {}),
        "template/a.txt": "a\n",
        "template/run": "#!/bin/sh\n",
        "fastapi_scaffold/__init__.py": PACKAGE,
        "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- Something.\n",
    }
    put(root, files)
    (root / "template" / "run").chmod(0o755)
    git(root, "init", "--quiet")
    commit(root)
    return root


def test_a_release_is_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(root, "0.1.0")
    release(root, "0.1.0")
    put(root, {"template/a.txt": "b\n", "template/__pycache__/x.pyc": "x"})
    commit(root)
    text = (root / "CHANGELOG.md").read_text()
    (root / "CHANGELOG.md").write_text(text.replace("## Unreleased\n", "## Unreleased\n\n- More.\n"))
    check(root, "0.2.0")
    release(root, "0.2.0")
    assert '__version__ = "0.2.0"' in (root / "fastapi_scaffold/__init__.py").read_text()
    headings = [line.split(" (")[0] for line in (root / "CHANGELOG.md").read_text().splitlines() if line[:2] == "##"]
    assert headings == ["## Unreleased", "## 0.2.0", "## 0.1.0"]
    bundle = tool.bundle_of(root)
    assert list(template.released(bundle)) == ["v0.1.0", "v0.2.0"]
    assert template.released(bundle)["v0.2.0"] == template.tree_of(root)
    clone = root.parent / "clone"
    git(root.parent, "clone", "--quiet", "--branch", "v0.1.0", str(bundle), str(clone))
    assert (clone / "template/a.txt").read_text() == "a\n"
    assert (clone / "template/run").stat().st_mode & 0o100
    assert git(clone, "describe", "--exact-match") == "v0.1.0"
    assert git(clone, "cat-file", "-t", "v0.1.0") == "tag"
    assert git(clone, "ls-tree", "-r", "--name-only", "v0.2.0").splitlines() == [
        "copier.yml",
        "template/a.txt",
        "template/run",
    ]
    assert git(clone, "rev-list", "--count", "v0.2.0") == "2"


def test_the_same_input_makes_the_same_bytes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for zone in ("UTC", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        copy = tmp_path / zone.replace("/", "-")
        shutil.copytree(root, copy)
        bundle = copy / "versions.bundle"
        for number in range(3):
            put(copy, {"template/a.txt": f"{number}\n" * 100, f"template/{number}.txt": "x\n"})
            append(bundle, f"v0.{number}.0", copy)
        made.append(bundle.read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("version", "files", "message"),
    [
        ("1.0", {}, '"1.0" is not of the form 1.2.3.'),
        ("v1.0.0", {}, '"v1.0.0" is not of the form 1.2.3.'),
        ("0.1.0", {}, "v0.1.0 is released already; 0.1.0 does not come after it."),
        ("0.0.9", {}, "v0.1.0 is released already; 0.0.9 does not come after it."),
        ("0.2.0", {"CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- x\n"}, "CHANGELOG.md has nothing"),
        ("0.2.0", {"template/a.txt": "changed\n"}, "The template has changes that are not committed"),
        ("0.2.0", {"template/new.txt": "new\n"}, "The template has changes that are not committed"),
    ],
)
def test_what_cannot_be_released(root: Path, version: str, files: dict[str, str], message: str) -> None:
    append(tool.bundle_of(root), "v0.1.0", root)
    put(root, files)
    with pytest.raises(NotReleasable, match=message.replace(".", r"\.")):
        check(root, version)


@pytest.mark.parametrize("name", tool.FORBIDDEN)
def test_what_plain_copier_could_not_use(root: Path, name: str) -> None:
    put(root, {"copier.yml": (root / "copier.yml").read_text() + f"\n{name}: []\n"})
    commit(root)
    with pytest.raises(NotReleasable, match=f"copier.yml has {name}"):
        check(root, "0.1.0")


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ({"database": choice("database", "sqlite", sqlite=[])}, "database can no longer be none, postgresql"),
        ({"database": None}, "database is asked no more"),
        ({"region": {"type": "str", "help": "Where?"}}, "The new question region has no default"),
    ],
)
def test_questions_that_would_lose_an_answer(tmp_path: Path, questions: dict[str, object], message: str) -> None:
    put(tmp_path, {"old/copier.yml": copier_yml(QUESTIONS, {}, {})})
    changed = {name: entry for name, entry in {**QUESTIONS, **questions}.items() if entry}
    put(tmp_path, {"new/copier.yml": copier_yml(changed, {}, {})})
    with pytest.raises(NotReleasable, match=message):
        check_questions(load_questionnaire(tmp_path / "old"), load_questionnaire(tmp_path / "new"))


def test_this_repository_can_be_released() -> None:
    """All but the state of the work tree and the changelog, which only matter on the day."""
    tool.check_template(tool.ROOT)


def test_between_releases_a_development_version_is_offered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_package", lambda: root / "fastapi_scaffold")
    monkeypatch.setattr(template, "__version__", "0.1.0")
    short = template.tree_of(root)[:12]
    assert template.own_version() == f"v0.1.0+{short}"
    release(root, "0.1.0")
    assert template.own_version() == "v0.1.0"
    # A project of the development version is known by the tree that was released.
    assert template.load_versions().find(f"v0.1.0+{short}") == "v0.1.0"
    put(root, {"template/a.txt": "later\n"})
    assert template.own_version() == f"v0.1.0+{template.tree_of(root)[:12]}"
    assert list(template.load_versions().released) == ["v0.1.0"]


def test_the_ids_are_those_of_git(root: Path) -> None:
    assert template.tree_of(tool.ROOT)
    put(root, {"template/link": Path("a.txt"), "template/a/b": "x\n", "template/a-b": "x\n", "template/a.b": "x\n"})
    commit(root)
    git(root, "rm", "--quiet", "-r", "--cached", "fastapi_scaffold", "CHANGELOG.md")
    assert template.tree_of(root) == git(root, "write-tree")
