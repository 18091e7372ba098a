"""Copier alone, with its real command, generates and updates the real template without --trust."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.writing.project import ANSWERS_FILE
from fastapi_scaffold.writing.template import SOURCE_URL
from tests.console import CHECKOUT, environment
from tests.updating.packages import copy_template, publish
from tests.updating.world import commit, git, put

COPIER = Path(sys.executable).parent / "copier"


def run(*command: str | Path, directory: Path, **variables: str | None) -> str:
    done = subprocess.run(
        command, cwd=directory, env=environment(**variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def change(root: Path, line: str) -> Path:
    """Change the template a little, in a file and with a new one."""
    readme = root / "template" / "README.md.jinja"
    readme.write_text(readme.read_text().replace("\n\n", f"\n\n{line}\n\n", 1))
    put(root / "template", {f"{line}.md": f"{line}\n"})
    return root


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the template as it is, and two versions after it."""
    place = tmp_path_factory.mktemp("roots")
    first = copy_template(place / "0.1.0")
    second = change(copy_template(place / "0.2.0", first), "second")
    third = change(copy_template(place / "0.3.0", second), "third")
    return {"0.1.0": first, "0.2.0": second, "0.3.0": third}


@pytest.fixture(scope="module")
def repository(roots: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a full repository with a tag for each version, as a clone of this one has them."""
    place = tmp_path_factory.mktemp("repository") / "full"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch", "main")
    for version, root in roots.items():
        git(place, "rm", "--quiet", "-r", "--ignore-unmatch", ".")
        (place / "x").unlink(missing_ok=True)
        copy = copy_template(place / "copy", root)
        for path in copy.iterdir():
            path.rename(place / path.name)
        copy.rmdir()
        commit(place)
        git(place, "-c", "user.name=x", "-c", "user.email=x@y", "tag", "--annotate", f"v{version}", "--message", "x")
    return place


def test_copy_and_update(repository: Path, tmp_path: Path) -> None:
    data = ["--data", "project_name=My API", "--data", "python_version=3.11"]
    copy = [COPIER, "copy", "--quiet", "--defaults", *data, "--vcs-ref", "v0.1.0", repository, "my-api"]
    run(*copy, directory=tmp_path, HOME=str(tmp_path))
    project = tmp_path / "my-api"
    recorded = yaml.safe_load((project / ANSWERS_FILE).read_text())
    assert (recorded["_src_path"], recorded["_commit"]) == (str(repository), "v0.1.0")
    git(project, "init", "--quiet")
    migrations = sorted((project / "migrations" / "versions").iterdir())
    migration = migrations[0]
    put(project, {"app/own.py": "MINE\n", f"migrations/versions/{migration.name}": "MINE\n"})
    commit(project)
    run(COPIER, "update", "--quiet", "--defaults", directory=project, HOME=str(tmp_path))
    assert (project / "third.md").read_text() == "third\n"
    assert "\nthird\n" in (project / "README.md").read_text()
    assert (project / "app/own.py").read_text() == "MINE\n"
    assert migration.read_text() == "MINE\n"
    commit(project)
    run(COPIER, "update", "--quiet", "--defaults", "--data", "auth=none", directory=project, HOME=str(tmp_path))
    assert migration.read_text() == "MINE\n"
    assert sorted(migration.parent.iterdir()) == migrations


def test_from_program_to_program_to_copier_without_a_network(
    roots: dict[str, Path], repository: Path, tmp_path: Path
) -> None:
    """`new` with 0.1.0, `update` with 0.2.0, `copier update` to 0.3.0; the record never names a place on the disk."""
    first = publish(tmp_path / "first", {"0.1.0": roots["0.1.0"]})
    second = publish(tmp_path / "second", {name: roots[name] for name in ("0.1.0", "0.2.0")})
    bare = {"HOME": "/nonexistent", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    offline = offline_prefix()
    program = [*offline, sys.executable, "-m", "fastapi_scaffold"]
    run(*program, "new", "my-api", "-y", "--no-verify", directory=tmp_path, PYTHONPATH=str(first), **bare)
    project = tmp_path / "my-api"
    assert recorded(project) == (SOURCE_URL, "v0.1.0")
    put(project, {"app/own.py": "MINE\n"})
    commit(project)
    run(*program, "update", "--no-verify", "--data", "auth=none", directory=project, PYTHONPATH=str(second), **bare)
    assert recorded(project) == (SOURCE_URL, "v0.2.0")
    assert not (project / "app/auth/router.py").exists()
    assert (project / "second.md").exists()
    commit(project)
    substitute = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": SOURCE_URL,
        "COPIER_CACHE_DIR": str(tmp_path / "cache"),
    }
    run(*offline, COPIER, "update", "--quiet", "--defaults", directory=project, **(bare | substitute))
    assert recorded(project)[0] == SOURCE_URL
    assert recorded(project)[1] == "v0.3.0"
    assert (project / "third.md").exists()
    assert (project / "app/own.py").read_text() == "MINE\n"
    text = (project / ANSWERS_FILE).read_text()
    assert str(tmp_path) not in text
    assert str(CHECKOUT) not in text
    assert os.fspath(repository) not in text


def recorded(project: Path) -> tuple[str, str]:
    answers = yaml.safe_load((project / ANSWERS_FILE).read_text())
    return answers["_src_path"], answers["_commit"]


def offline_prefix() -> list[str]:
    """Return what runs a command without a network, where the machine allows that."""
    prefix = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    # Elsewhere the reserved domain of the source cannot be reached either.
    return prefix if allowed else []


def test_this_repository_itself(tmp_path: Path) -> None:
    """As it is, committed or not."""
    root = copy_template(tmp_path / "root")
    run(COPIER, "copy", "--quiet", "--defaults", "--data", "project_name=My API", root, "my-api", directory=tmp_path)
    assert (tmp_path / "my-api" / "migrations" / "versions").is_dir()
