"""What is published: the wheel carries the template and works alone."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.console import CHECKOUT, spawn, tree


def build(source: Path, target: Path, kind: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target],
        cwd=source,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        check=True,
    )
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel that was built from an unpacked source distribution, which is no git repository."""
    place = tmp_path_factory.mktemp("package")
    with tarfile.open(build(CHECKOUT, place, "sdist")) as archive:
        archive.extractall(place / "source", filter="data")
    (source,) = (place / "source").iterdir()
    with zipfile.ZipFile(build(source, place, "wheel")) as archive:
        archive.extractall(place / "site")
    return place / "site"


def in_git(*paths: str) -> set[str]:
    """Return the files of the repository below `paths`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *paths],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is not a git repository")
    return {path for path in listed.stdout.splitlines() if (CHECKOUT / path).is_file()}


def test_the_source_has_everything_that_the_readme_tells_to_run_or_to_read(installed: Path) -> None:
    (source,) = (installed.parent / "source").iterdir()
    files = {path for path in tree(source) if (source / path).is_file()}
    # What only the place needs that runs the tests of every commit.
    assert files - {"PKG-INFO"} == {path for path in in_git() if not path.startswith(".ci/")}


def test_the_wheel_carries_the_whole_template(installed: Path) -> None:
    expected = in_git("template", "copier.yml")
    bundled = installed / "fastapi_scaffold" / "_template"
    assert {path for path in tree(bundled) if (bundled / path).is_file()} == expected


def test_every_path_is_one_that_windows_and_uv_unpack() -> None:
    paths = tree(CHECKOUT / "template")
    assert len(paths) > 100
    assert [path for path in paths if set(path) & set('<>:"|?*\\')] == []


def test_the_wheel_works_alone_and_like_the_checkout(installed: Path, tmp_path: Path) -> None:
    for name, path in {"wheel": installed, "checkout": CHECKOUT}.items():
        (tmp_path / name).mkdir()
        arguments = ("new", "x", "-y", "--no-verify", "--no-git")
        result = spawn(*arguments, directory=tmp_path / name, PYTHONPATH=str(path), HOME="/nonexistent")
        assert (result.code, result.err.splitlines()[1:]) == (0, [])
        (tmp_path / name / "x" / ".env").unlink()
    for path in tree(tmp_path / "wheel" / "x"):
        pair = (tmp_path / "wheel" / "x" / path, tmp_path / "checkout" / "x" / path)
        assert pair[0].is_dir() or pair[0].read_bytes() == pair[1].read_bytes()
    assert tree(tmp_path / "wheel" / "x") == tree(tmp_path / "checkout" / "x")


def test_no_cache_is_published(installed: Path) -> None:
    with zipfile.ZipFile(next(installed.parent.glob("*.whl"))) as archive:
        assert [name for name in archive.namelist() if "__pycache__" in name or name.endswith(".pyc")] == []


FOREIGN = re.compile(
    r"(uvx|pipx run|uv tool run|install|uv add|--from)((\s|&#160;)+-\S+)*(\s|&#160;)+fastapi-scaffold\b"
)
DISTRIBUTION = "proven-fastapi"


@pytest.mark.parametrize("command", ["uvx {} new", "pip install -q {}", "uv add {}", "uvx --from {} x"])
def test_what_would_run_the_other_project_is_noticed(command: str) -> None:
    assert FOREIGN.search(command.format("fastapi-scaffold"))
    assert not FOREIGN.search(command.format(DISTRIBUTION))


def test_nothing_runs_what_has_the_programs_name_on_an_index() -> None:
    """The name belongs to somebody else there; a directory, as in `uv tool install .`, is ours."""
    places = ["README.md", "CONTRIBUTING.md", "copier.yml", "docs", "template", "fastapi_scaffold"]
    paths = [path for place in places for path in [CHECKOUT / place, *(CHECKOUT / place).rglob("*")] if path.is_file()]
    texts = {path: path.read_bytes().decode(errors="replace") for path in paths if path.suffix != ".pyc"}
    assert [str(path) for path, text in texts.items() if FOREIGN.search(text)] == []


def test_projects_say_once_what_to_install() -> None:
    """With the warning, for a name that is a stranger's looks as if it were ours."""
    assert tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["name"] == DISTRIBUTION
    paths = [path for path in (CHECKOUT / "template").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    saying = [path for path in paths if DISTRIBUTION in path.read_text()]
    assert saying == [CHECKOUT / "template/README.md.jinja"]
    text = " ".join(saying[0].read_text().split())
    assert (
        text.count(DISTRIBUTION) == text.count("What PyPI has under the name fastapi-scaffold is another project") == 1
    )
