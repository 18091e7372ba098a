"""Every reason not to update: exit code, message and hint. `World.update` checks that a refusal changes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_scaffold.writing.project import ANSWERS_FILE
from fastapi_scaffold.writing.template import SOURCE_URL
from tests.console import environment
from tests.updating.packages import publish
from tests.updating.world import World, commit, edited, git, put


@pytest.fixture
def waiting(world: World) -> World:
    """Give a project for which there is an update."""
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", {"a.txt": edited(15, "theirs"), "new.txt": "new\n"})
    return world


COMMITTING = "git -C <project> add --all && git -C <project> commit --message 'Before the update'"


def refused(world: World, code: int, message: str, hint: str, *arguments: str) -> None:
    """Update, and compare what it says; <project> stands for its path."""
    result = world.update(*arguments)
    text = result.err.replace(str(world.project), "<project>")
    assert (result.code, text, result.out) == (code, f"error: {message}\n\nhint: {hint}\n", "")
    as_json = world.update("--json", *arguments)
    error = json.loads(as_json.out)["error"]
    assert as_json.code == code
    assert as_json.err == ""
    assert {name: error[name].replace(str(world.project), "<project>") for name in ("message", "hint")} == {
        "message": message,
        "hint": hint,
    }


def test_44_uncommitted_changes(waiting: World) -> None:
    waiting.edit({"a.txt": "MINE\n", "own.txt": "MINE\n"}, save=False)
    message = "The project has changes that are not committed. Nothing was changed.\n  a.txt\n  own.txt"
    refused(waiting, 1, message, "Commit them, or put them aside with `git stash --include-untracked`.")


@pytest.mark.parametrize("how", ["staged", "intent-to-add", "deleted", "mode"])
def test_other_uncommitted_changes(waiting: World, how: str) -> None:
    if how in {"staged", "intent-to-add"}:
        waiting.edit({"own.txt": "MINE\n"}, save=False)
        git(waiting.project, "add", *(["-N"] if how == "intent-to-add" else []), "own.txt")
    elif how == "deleted":
        (waiting.project / "a.txt").unlink()
    else:
        (waiting.project / "a.txt").chmod(0o755)
    result = waiting.update()
    assert result.code == 1
    assert "The project has changes that are not committed." in result.err


def test_what_editors_and_systems_leave_is_no_change(waiting: World) -> None:
    litter = {".DS_Store": "x", "app/.DS_Store": "x", ".idea/workspace.xml": "x", ".vscode/settings.json": "{}"}
    waiting.edit(litter, save=False)
    result = waiting.update(again=False)
    assert (result.code, result.err) == (0, "")
    assert "DS_Store" not in result.out
    assert {name: waiting.read(name) for name in litter} == litter


def test_many_uncommitted_changes_are_not_all_listed(waiting: World) -> None:
    waiting.edit({f"{number:02}.txt": "x\n" for number in range(15)}, save=False)
    assert "  09.txt\n  ... and 5 more\n" in waiting.update().err


def test_not_a_project(world: World, tmp_path: Path) -> None:
    world.release("1.0.0")
    world.project = tmp_path / "other"
    world.project.mkdir()
    message = f"<project> is not a fastapi-scaffold project: it has no readable {ANSWERS_FILE}."
    refused(world, 2, message, "Name the directory of a project that `new` made.")


def test_47_no_git_repository(waiting: World) -> None:
    """Copier says so too, but not how to go on."""
    shutil.rmtree(waiting.project / ".git")
    message = "<project> is not in a git work tree, so there would be no way back from an update. Nothing was changed."
    refused(waiting, 1, message, f"Make it one: git -C <project> init && {COMMITTING}")


def test_no_git_on_the_machine(waiting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(waiting.place))
    refused(waiting, 1, "git is not installed.", "Install git: updates are merged by it.")


def test_45_no_commit_yet(waiting: World) -> None:
    """Differs: Copier says to commit or to stash, which is not possible yet."""
    shutil.rmtree(waiting.project / ".git")
    git(waiting.project, "init", "--quiet")
    message = "<project> has no commit yet, so there would be no way back from an update. Nothing was changed."
    refused(waiting, 1, message, f"Commit first: {COMMITTING}")


def test_88_the_repository_of_another_user(waiting: World) -> None:
    """Differs: Copier says that there is no repository."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    for path in [waiting.project, *waiting.project.rglob("*")]:
        os.chown(path, 12345, 12345)
    message = "<project> belongs to another user, so git does not touch it. Nothing was changed."
    refused(waiting, 1, message, "If you trust its content: git config --global --add safe.directory <project>")


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "revert"])
def test_46_something_else_in_progress(waiting: World, operation: str) -> None:
    project = waiting.project
    identity = ["-c", "user.name=x", "-c", "user.email=x@y"]
    git(project, "switch", "--quiet", "--create", "other")
    waiting.edit({"a.txt": edited(11, "other")})
    git(project, "switch", "--quiet", "main")
    waiting.edit({"a.txt": edited(11, "MINE")})
    waiting.edit({"b.txt": "later\n", "a.txt": edited(11, "MINE, later")})
    git(project, *identity, operation, "HEAD~1" if operation == "revert" else "other", check=False)
    message = f"A {operation} is in progress. Nothing was changed."
    refused(waiting, 1, message, f"Finish it, or give it up with: git -C <project> {operation} --abort")


def test_conflicts_of_an_update_that_are_not_resolved(waiting: World) -> None:
    waiting.edit({"a.txt": edited(15, "MINE")})
    assert waiting.update().code == 4
    undo = "git -C <project> reset --hard"
    refused(
        waiting,
        4,
        "There are conflicts to resolve first:\n  a.txt",
        f"Edit these files, `git add` them, and commit. Or undo the update: {undo}",
    )


def test_conflict_markers_that_were_committed(waiting: World) -> None:
    waiting.edit({"a.txt": edited(15, "MINE")})
    assert waiting.update().code == 4
    commit(waiting.project)
    waiting.release("3.0.0")
    message = "Conflict markers of an earlier update are left in:\n  a.txt"
    refused(waiting, 4, message, "Edit these files and commit them.")


def test_a_version_that_never_was(waiting: World) -> None:
    waiting.edit({ANSWERS_FILE: waiting.read(ANSWERS_FILE).replace("v1.0.0", "v1.2.3")})
    message = 'There is no version "v1.2.3"; this program knows v1.0.0, v2.0.0.'
    refused(waiting, 2, message, "Choose one of these.")


@pytest.mark.parametrize("version", ["v1.0.0+0123456789ab", "v1.0.0-3-gabcdef0", "c9932c3"])
def test_a_development_version_that_is_gone(waiting: World, version: str) -> None:
    waiting.edit({ANSWERS_FILE: waiting.read(ANSWERS_FILE).replace("v1.0.0", version)})
    message = f'There is no version "{version}"; this program knows v1.0.0, v2.0.0.'
    hint = (
        "Development versions are not kept. Write the nearest released version as _commit into .copier-answers.yml,"
        " and commit."
    )
    refused(waiting, 2, message, hint)


def test_an_unknown_version_to_go_to(waiting: World) -> None:
    message = 'There is no version "v1.9.0"; this program knows v1.0.0, v2.0.0.'
    refused(waiting, 2, message, "Choose one of these.", "--to", "1.9.0")


def test_a_project_that_is_newer_than_the_program(waiting: World) -> None:
    waiting.edit({ANSWERS_FILE: waiting.read(ANSWERS_FILE).replace("v1.0.0", "v10.0.0")})
    message = "v10.0.0 is newer than this program, which knows versions up to v2.0.0."
    refused(waiting, 2, message, "Update this program, then run `fastapi-scaffold update` again.")


def test_an_older_version_to_go_to(waiting: World) -> None:
    assert waiting.update().code == 0
    message = "The project is at v2.0.0 already, which is newer than v1.0.0."
    refused(waiting, 2, message, "Go back with git: revert the commit of the update.", "--to", "1.0.0")


def test_another_template(waiting: World) -> None:
    text = waiting.read(ANSWERS_FILE).replace(SOURCE_URL, "https://example.org/fork.git")
    waiting.edit({ANSWERS_FILE: text})
    message = "The project was generated from https://example.org/fork.git, which is not the template of this program."
    hint = (
        f"Run `copier update`. For a copy of this template, write {SOURCE_URL} as _src_path and the version that it was"
        f" made from as _commit into {ANSWERS_FILE}, one of v1.0.0, v2.0.0; and commit."
    )
    refused(waiting, 2, message, hint)


def test_what_copier_made_is_updated_once_the_hint_was_followed(waiting: World) -> None:
    made = waiting.read(ANSWERS_FILE)
    text = made.replace(SOURCE_URL, "/somebodys/clone").replace("v1.0.0", "c9932c3")
    waiting.edit({ANSWERS_FILE: text})
    hint = waiting.update().err.partition("hint: ")[2]
    source, version = re.findall(r"write (\S+) as _src_path and .* one of (\S+),", hint)[0]
    waiting.edit({ANSWERS_FILE: text.replace("/somebodys/clone", source).replace("c9932c3", version)})
    assert waiting.read(ANSWERS_FILE) == made
    assert waiting.update().code == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "does not say what it was generated from"),
        ("- a\n", "does not say what it was generated from"),
        ("{", "is damaged"),
        ("a: b: c\n", "is damaged"),
        ("\xff", "does not say what it was generated from"),
        ("\x00", "is damaged"),
    ],
)
def test_a_damaged_record(waiting: World, content: str, reason: str) -> None:
    waiting.edit({ANSWERS_FILE: content})
    message = f"<project> is not a fastapi-scaffold project: its {ANSWERS_FILE} {reason}."
    refused(waiting, 2, message, "Name the directory of a project that `new` made.")


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_was_told_not_to_see(waiting: World, option: str) -> None:
    git(waiting.project, "update-index", option, "a.txt")
    waiting.edit({"a.txt": edited(2, "MINE")}, save=False)
    message = "Git was told to ignore your changes to a.txt, which the update changes. Nothing was changed."
    end = option.replace("--", "--no-")
    refused(waiting, 1, message, f"End that with: git -C <project> update-index {end} a.txt")


def test_another_git_command_at_work(waiting: World) -> None:
    put(waiting.project, {".git/index.lock": ""})
    message = "Another git command is at work in this repository. Nothing was changed."
    hint = "Wait for it and update again. If there is none, remove <project>/.git/index.lock"
    refused(waiting, 1, message, hint)
    (waiting.project / ".git/index.lock").unlink()
    assert waiting.update().code == 0


def test_a_link_where_a_directory_has_to_be(world: World) -> None:
    """A directory that moves takes the user's file along: here to a place that leads out of the project."""
    outside = world.place / "outside"
    outside.mkdir()
    world.release("1.0.0", {f"old/{name}.txt": f"{name}\n" * 9 for name in "abcd"} | {".gitignore": "new/deep\n"})
    world.new()
    world.edit({"old/deep/own.txt": "MINE\n", "old/own.txt": "MINE\n"})
    world.edit({"new/deep": outside})
    world.release("2.0.0", {f"new/{name}.txt": f"{name}\n" * 9 for name in "abcd"} | {".gitignore": "new/deep\n"})
    message = "The update needs a directory new/deep, where there is a link. Nothing was changed."
    refused(world, 1, message, "Replace new/deep by a directory, commit, and update again.")
    assert not list(outside.iterdir())


def test_a_submodule_in_a_directory_that_moves(world: World) -> None:
    world.release("1.0.0", {f"old/{name}.txt": f"{name}\n" * 9 for name in "abcd"})
    world.new()
    library = world.place / "library"
    put(library, {"x.txt": "x\n"})
    git(library, "init", "--quiet")
    commit(library)
    git(world.project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "old/library")
    commit(world.project)
    world.release("2.0.0", {f"new/{name}.txt": f"{name}\n" * 9 for name in "abcd"})
    message = "The update would move the submodule new/library, which only you can do. Nothing was changed."
    refused(world, 1, message, "Move it with `git mv`, commit, and update again.")


# ── What happens while the update is prepared ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something after the update was prepared and before it is applied."""
    from fastapi_scaffold.updating import apply

    def set_up(happening: Callable[[], object]) -> None:
        move = apply._move

        def moved_after(staging: Path) -> None:
            monkeypatch.setattr(apply, "_move", move)
            happening()
            move(staging)

        monkeypatch.setattr(apply, "_move", moved_after)

    return set_up


@pytest.mark.parametrize(
    ("name", "happening"),
    [
        ("a.txt", lambda world: put(world.project, {"a.txt": "MINE\n"})),
        ("new.txt", lambda world: put(world.project, {"new.txt": "MINE\n"})),
        ("a.txt", lambda world: (world.project / "a.txt").write_text("MINE\n")),
        ("a.txt", lambda world: (world.project / "a.txt").chmod(0o600)),
        ("the index of git", lambda world: commit(world.project)),
    ],
    ids=["replaced", "created", "written", "mode", "committed"],
)
def test_changed_meanwhile(
    waiting: World,
    meanwhile: Callable[[Callable[[], object]], None],
    name: str,
    happening: Callable[[World], object],
) -> None:
    if name.startswith("the index"):
        waiting.edit({"own.txt": "x\n"})
        meanwhile(lambda: (put(waiting.project, {"own.txt": "MINE\n"}), happening(waiting)))
    else:
        meanwhile(lambda: happening(waiting))
    result = waiting.run("--no-verify")
    shown = str(waiting.project / name) if name == "new.txt" else name
    assert result.code == 1
    assert result.err == (
        f"error: {shown} was changed while the update was prepared. Nothing was changed by the update.\n"
        "\nhint: Commit the change and update again.\n"
    )
    assert "theirs" not in waiting.read("a.txt")
    assert (waiting.project / "new.txt").exists() == (name == "new.txt")
    assert "MINE" in waiting.read("own.txt" if name.startswith("the index") else name) or name == "a.txt"
    assert not (waiting.project / ".git" / "fastapi-scaffold-update").exists()
    assert not (waiting.project / ".git" / "index.lock").exists()


def test_a_directory_that_cannot_be_written(world: World, meanwhile: Callable[[Callable[[], object]], None]) -> None:
    """Nothing stays half done: `z` cannot be written after `a` has been."""
    world.release("1.0.0", {"a.txt": "1\n", "b/b.txt": "1\n", "z/z.txt": "1\n"})
    world.new()
    world.release("2.0.0", {"a.txt": "2\n", "b/c/new.txt": "new\n", "z/z.txt": "2\n"})
    blocked = world.project / "z"
    # As root, permissions stop nobody: a file where the directory was does.
    meanwhile(lambda: (blocked.rename(world.place / "z"), blocked.write_text("x")))
    result = world.run("--no-verify")
    assert result.code == 1
    assert result.err == (
        f"error: The update cannot be written: Not a directory: {blocked / 'z.txt'}. Nothing was changed.\n"
        "\nhint: Make room on the disk, or see to the permissions, and update again.\n"
    )
    blocked.unlink()
    (world.place / "z").rename(blocked)
    assert world.status() == {}
    assert not (world.project / "b/c").exists()
    assert world.update().code == 0


def test_a_full_disk(waiting: World, tmp_path: Path) -> None:
    """On a file system of its own, which is full when the update is applied."""
    waiting.edit({"a.txt": edited(2, "MINE" * 20_000)})
    package = publish(tmp_path / "site", {}, template_from=waiting.package)
    script = f"""
set -e
mount -t tmpfs -o size=1m tmpfs {tmp_path / "small"}
cp -a {waiting.project} {tmp_path / "small" / "project"}
cd {tmp_path / "small" / "project"}
export GIT_OPTIONAL_LOCKS=0
git status --short
find . -path ./.git/objects -prune -o -type f -print | sort | xargs sha256sum > {tmp_path / "before"}
dd if=/dev/zero of=../filler bs=1k 2>/dev/null || true
set +e
{sys.executable} -m fastapi_scaffold update --no-verify; echo "exit $?"
find . -path ./.git/objects -prune -o -type f -print | sort | xargs sha256sum > {tmp_path / "after"}
git status --short
"""
    (tmp_path / "small").mkdir()
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    done = subprocess.run(
        [*unshare, "sh", "-c", script],
        env=environment(PYTHONPATH=str(package)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "exit 1\n"), done.stderr
    assert "No space left on device" in done.stderr
    assert done.stderr.endswith("\nhint: Make room on the disk, or see to the permissions, and update again.\n")
    assert (tmp_path / "after").read_text() == (tmp_path / "before").read_text()


@pytest.mark.parametrize("name", ["missing", "a-file"])
def test_no_directory(world: World, tmp_path: Path, name: str) -> None:
    world.release("1.0.0")
    put(tmp_path, {"a-file": "x\n"})
    world.project = tmp_path / name
    result = world.run()
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: {world.project} is not a fastapi-scaffold project: it has no readable {ANSWERS_FILE}.\n"
        "\nhint: Name the directory of a project that `new` made.\n"
    )


def test_changes_that_git_does_not_see(waiting: World) -> None:
    """Same size, same time: as `rsync --times` or `tar` write it, where git is told to look at little else."""
    project = waiting.project
    git(project, "config", "core.checkStat", "minimal")
    git(project, "config", "core.trustCTime", "false")
    path = project / "a.txt"
    os.utime(path, (1, 1))
    git(project, "update-index", "--refresh")
    path.write_text(waiting.read("a.txt").replace("line 2\n", "MINE 2\n"))
    os.utime(path, (1, 1))
    assert git(project, "status", "--porcelain") == ""
    message = "a.txt has changes that git does not see, and the update changes it. Nothing was changed."
    refused(waiting, 1, message, "Make git look again: touch <project>/a.txt. Commit, and update again.")
    path.touch()
    commit(project)
    assert waiting.update().code == 0
    assert "MINE 2" in waiting.read("a.txt")
