"""What tests share: none sees the settings of whoever runs them; a small template makes commands fast."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from tests.console import CHECKOUT, Cli, Result, normalise
from tests.small import CONFTEST, TEMPLATE, UV, practice

pytest_plugins = ["tests.costs"]

HERMETIC = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "80", "TERM": "dumb"}
FOREIGN = (
    "NO_COLOR",
    "FORCE_COLOR",
    "UV",
    "UV_RUN_RECURSION_DEPTH",
    "UV_OFFLINE",
    "VIRTUAL_ENV",
    "PYTHONUNBUFFERED",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
)


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    for name, value in HERMETIC.items():
        monkeypatch.setenv(name, value)
    # What an installation puts on PATH is found there, whoever runs the tests.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the configuration and the caches of whoever runs the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FASTAPI_SCAFFOLD_CONFIG", raising=False)
    # uv's cache is in the same place, and is wanted.
    cache = os.environ.get("UV_CACHE_DIR") or os.path.expanduser("~/.cache/uv")  # noqa: PTH111
    monkeypatch.setenv("UV_CACHE_DIR", cache)
    return home


@pytest.fixture
def small_template(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a template of five files behind the real questions."""
    root = tmp_path_factory.mktemp("template")
    # The questions use it.
    shutil.copytree(CHECKOUT / "template/_macros", root / "template/_macros")
    shutil.copy(CHECKOUT / "copier.yml", root)
    for name, content in TEMPLATE.items():
        (root / "template" / name).write_text(content)
    for module in ("writing.engine", "commands.new", "commands.verify"):
        monkeypatch.setattr(f"fastapi_scaffold.{module}.template_root", lambda: root)
    return root


@pytest.fixture
def practices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the catalogue by three practices, of which one needs a database."""
    rows = (
        practice("alpha"),
        practice("beta", "database"),
        practice("gamma", "nowhere"),
        practice("delta", proof="none"),
    )
    for module in ("proving.proof", "reporting.findings", "commands.practices"):
        monkeypatch.setattr(f"fastapi_scaffold.{module}.load_practices", lambda: rows)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a pretended uv first on PATH and return its log."""
    directory = tmp_path / "uv"
    directory.mkdir()
    script = directory / "uv"
    script.write_text(UV)
    script.chmod(0o755)
    log = directory / "log"
    log.touch()
    monkeypatch.setenv("FAKE_UV_LOG", str(log))
    monkeypatch.setenv("FAKE_UV_SYNC", "true")
    monkeypatch.setenv("FAKE_UV_LINT", "true")
    own = Path(sys.executable).parent
    monkeypatch.setenv("PATH", os.pathsep.join([str(directory), str(own), os.environ["PATH"]]))
    return log


@pytest.fixture
def hidden_uv(fake_uv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take every uv from PATH, so that the one of the package has to do, and return the directory of that."""
    few = tmp_path / "few"
    few.mkdir()
    for name in ("git", "touch"):
        (few / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(few))
    monkeypatch.setattr("uv.find_uv_bin", lambda: str(fake_uv.parent / "uv"))
    return fake_uv.parent


@pytest.fixture
def run(workplace: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process."""

    def call(*arguments: str) -> Result:
        capsys.readouterr()
        code = cli.run(arguments)
        captured = capsys.readouterr()
        return Result(code, normalise(captured.out, workplace), normalise(captured.err, workplace))

    return call


@pytest.fixture
def project(workplace: Path) -> Callable[[str], Path]:
    """Make a project whose tests are the given source."""

    def make(tests: str) -> Path:
        directory = workplace / "app"
        directory.mkdir()
        (directory / "pyproject.toml").write_text(TEMPLATE["pyproject.toml"])
        (directory / "conftest.py").write_text(CONFTEST)
        (directory / "test_it.py").write_text(f"import pytest\n\n{tests}")
        answers = "_src_path: https://example.org\n_commit: v1\ndatabase: sqlite\nauth: none\n"
        (directory / ".copier-answers.yml").write_text(answers)
        return directory

    return make
