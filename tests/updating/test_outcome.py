"""What an update tells at its end: the proof, the report, the exit code."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.small import UV
from tests.updating.world import World, edited, git, put

PYPROJECT = """\
[project]
name = "small"
version = "1"

[tool.poe.tasks]
lint = "lint"
check = { sequence = ["lint"] }
"""


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a pretended uv first on PATH, and return its log."""
    put(tmp_path, {"bin/uv": UV, "log": ""})
    (tmp_path / "bin/uv").chmod(0o755)
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    monkeypatch.setenv("FAKE_UV_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("FAKE_UV_SYNC", "true")
    monkeypatch.setenv("FAKE_UV_LINT", "true")
    monkeypatch.setattr("fastapi_scaffold.proving.proof.load_practices", lambda: ())
    return tmp_path / "log"


@pytest.fixture
def waiting(world: World) -> World:
    world.release("1.0.0", {"pyproject.toml": PYPROJECT, ".env.example": "APP_ONE=\n"})
    world.new()
    world.edit({"uv.lock": "old\n", ".env": "APP_ONE=MINE\n"})
    files = {"pyproject.toml": PYPROJECT, ".env.example": "APP_ONE=\nAPP_TWO=\n", "a.txt": edited(15, "theirs")}
    world.release("2.0.0", files)
    return world


def test_it_is_proven_with_a_lock_that_fits(waiting: World, uv: Path) -> None:
    result = waiting.run()
    assert result.code == 0
    # The lock file is of the time before: it is brought up to date, and not held against the project.
    assert uv.read_text().splitlines() == ["sync sync", "run lint"]
    assert result.err.splitlines()[0] == f"Updated {waiting.project} from v1.0.0 to v2.0.0"
    assert result.out.splitlines()[:3] == [
        "update    .copier-answers.yml",
        "update    .env.example",
        "update    a.txt",
    ]
    assert f"\n{waiting.project} (v1.0.0 to v2.0.0): updated, proven in " in result.out
    assert "\n  In .env, as .env.example explains: write APP_TWO\n" in result.out
    assert "  fastapi-scaffold verify\n" not in result.out


@pytest.mark.usefixtures("uv")
def test_the_lock_file_of_the_first_proof_is_committed_with_the_update(waiting: World) -> None:
    waiting.edit({"uv.lock": None})
    *_, add, commit = json.loads(waiting.run("--json").out)["next_steps"]
    assert (add, commit.split()[:2]) == ("git add uv.lock", ["git", "commit"])


def test_a_proof_that_fails_leaves_the_update(waiting: World, uv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_UV_LINT", "echo broken; false")
    result = waiting.run()
    assert result.code == 3
    assert "theirs" in waiting.read("a.txt")
    assert "proof FAILED" in result.out
    assert "  fastapi-scaffold verify\n" in result.out
    assert f"\nTo undo the update\n  git -C {waiting.project} reset --hard\n" in result.out


def test_what_the_project_can_mend_itself_is_the_first_step(
    waiting: World, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is added has the template's length of lines, which need not be the project's."""
    waiting.edit({"pyproject.toml": f'{PYPROJECT}fix = "fix"\n'})
    monkeypatch.setenv("FAKE_UV_LINT", "echo broken; false")
    result = waiting.run()
    assert result.code == 3
    assert "\n  Try:  uv run poe fix\n" in result.out
    assert "\n  uv run poe fix\n  fastapi-scaffold verify\n" in result.out


def test_without_a_network_it_is_updated_and_not_proven(
    waiting: World, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV_SYNC", "echo 'Failed to fetch: `https://pypi.org/simple/fastapi/`' >&2; false")
    result = waiting.run("--quiet")
    assert (result.code, result.err) == (5, "")
    assert result.out.startswith(f"{waiting.project} (v1.0.0 to v2.0.0): updated, NOT PROVEN in ")
    assert "theirs" in waiting.read("a.txt")


def test_before_a_step_of_the_users_nothing_is_proven(world: World, uv: Path) -> None:
    """Such as the next migration: until it is written every test of the database would fail."""
    history = {"log": {"behind": "Write the next one.", "steps": ["write it"], "unused": ""}}
    world.release("1.0.0", {"pyproject.toml": PYPROJECT, "log/1.txt": "1\n"}, histories=history)
    world.new()
    world.release("2.0.0", {"pyproject.toml": PYPROJECT, "log/1.txt": "2\n"}, histories=history)
    assert world.run("--dry-run").code == 0
    result = world.run()
    assert (result.code, uv.read_text()) == (5, "")
    assert f"{world.project} (v1.0.0 to v2.0.0): updated, NOT PROVEN before the next steps are done.\n" in result.out
    assert result.out.index("\nWrite the next one.\n") < result.out.index("\n  write it\n  fastapi-scaffold verify\n")


def test_what_surrounds_the_update_is_told(world: World) -> None:
    """A file that git ignored, and a setting whose default has changed: nobody else would say so."""
    world.release(
        "1.0.0", {".gitignore": ".env\n*.db\n", ".env.example": "APP_URL=old\nAPP_OWN=1\nAPP_SAME=1\n# APP_GONE=1\n"}
    )
    world.new()
    world.edit({"app.db": "MINE\n", ".env": "APP_URL=old\nAPP_OWN=MINE\nAPP_SAME=1\nAPP_GONE=1\n"})
    world.release("2.0.0", {".gitignore": ".env\n", ".env.example": "APP_URL=new\nAPP_OWN=2\nAPP_SAME=1\n"})
    result = world.update(again=False)
    assert "\nGit no longer ignores app.db: move that away, or name it in .gitignore.\n" in result.out
    assert "\n  In .env, as .env.example explains: change APP_URL; rename or delete APP_GONE\n" in result.out


def test_with_conflicts_nothing_is_proven(waiting: World, uv: Path) -> None:
    waiting.edit({"a.txt": edited(15, "MINE")})
    result = waiting.run()
    assert result.code == 4
    assert uv.read_text() == ""
    assert f"{waiting.project} (v1.0.0 to v2.0.0): updated with 1 conflict.\n" in result.out
    assert "\n  Edit the files with conflicts, then: git add -- a.txt\n" in result.out


def test_as_json(waiting: World) -> None:
    waiting.edit({"a.txt": edited(15, "MINE")})
    result = waiting.update("--json")
    assert (result.code, result.err) == (4, "")
    report = json.loads(result.out)
    assert report == {
        "command": "update",
        "ok": False,
        "project": str(waiting.project),
        "from_version": "v1.0.0",
        "template_version": "v2.0.0",
        "up_to_date": False,
        "applied": True,
        "files": [
            {
                "path": ".copier-answers.yml",
                "action": "update",
                "reason": "you had not changed it",
            },
            {"path": ".env.example", "action": "update", "reason": "you had not changed it"},
            {"path": "a.txt", "action": "conflict", "reason": "you and the template changed the same lines"},
        ],
        "conflicts": ["a.txt"],
        "diff": "",
        "undo": f"git -C {waiting.project} reset --hard",
        "proof": None,
        "notes": [],
        "next_steps": [
            f"cd {waiting.project}",
            "Edit the files with conflicts, then: git add -- a.txt",
            "In .env, as .env.example explains: write APP_TWO",
            "fastapi-scaffold verify",
            "git commit --message 'Update to fastapi-scaffold 2.0.0' --all",
        ],
    }


def test_what_the_next_steps_say_works(waiting: World) -> None:
    waiting.edit({"a.txt": edited(15, "MINE")})
    assert waiting.update().code == 4
    waiting.edit({"a.txt": edited(15, "both")}, save=False)
    git(waiting.project, "add", "--", "a.txt")
    identity = ["-c", "user.name=x", "-c", "user.email=x@y"]
    git(waiting.project, *identity, "commit", "--quiet", "--message", "Update to fastapi-scaffold 2.0.0", "--all")
    result = waiting.run()
    assert (result.code, result.out) == (0, f"\n{waiting.project} (v2.0.0): up to date.\n")


def test_check(waiting: World) -> None:
    """It needs no clean project, and no git."""
    waiting.edit({"a.txt": "MINE\n"}, save=False)
    result = waiting.update("--check")
    assert result.code == 1
    assert result.out == f"\n{waiting.project} (v1.0.0 to v2.0.0): an update waits. Nothing was changed.\n"
    report = json.loads(waiting.update("--check", "--json").out)
    assert (report["ok"], report["up_to_date"], report["applied"]) == (False, False, False)
    assert waiting.update("--check", "--to", "1.0.0").code == 0
    assert waiting.update("--check", "--to", "1.0.0", "--auth", "none").code == 1
