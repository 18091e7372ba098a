"""Projects of every shape: where they are in a repository, how the repository is set up, what surrounds the call."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.console import environment
from tests.updating.packages import publish
from tests.updating.world import World, commit, edited, git, put

pytestmark = pytest.mark.usefixtures("each_git")
MERGED = edited(15, "theirs", edited(2, "MINE"))


def released(world: World) -> None:
    world.release("2.0.0", {"a.txt": edited(15, "theirs"), "new.txt": "new\n"})


def merged(world: World, *arguments: str) -> None:
    """Update, and see that the edit, the change and the new file are there."""
    result = world.update(*arguments)
    assert result.code == 0, result
    assert world.read("a.txt") == MERGED
    assert world.read("new.txt") == "new\n"


@pytest.fixture
def edited_project(world: World) -> World:
    """Give a project with an edit, for which there is an update."""
    world.release("1.0.0")
    world.new()
    world.edit({"a.txt": edited(2, "MINE")})
    released(world)
    return world


@pytest.fixture
def monorepo(world: World) -> World:
    """Give one in a directory of a repository with other work in it, committed and not."""
    world.release("1.0.0")
    root = world.place / "monorepo"
    put(root, {"other/x.txt": "x\n", "other/staged.txt": "1\n", "other/dirty.txt": "1\n", ".gitignore": "*.tmp\n"})
    git(root, "init", "--quiet", "--initial-branch", "trunk")
    commit(root)
    world.new(root / "services" / "my api")
    world.edit({"a.txt": edited(2, "MINE")})
    put(root, {"other/staged.txt": "MINE staged\n"})
    git(root, "add", "other/staged.txt")
    put(root, {"other/dirty.txt": "MINE dirty\n", "other/untracked.txt": "MINE untracked\n", "z.tmp": "MINE\n"})
    released(world)
    return world


def test_40_41_a_directory_of_a_repository_in_which_other_work_is_going_on(monorepo: World) -> None:
    root = monorepo.project.parent.parent
    elsewhere = {" M other/dirty.txt", "M  other/staged.txt", "?? other/untracked.txt"}
    result = monorepo.update(again=False)
    assert result.code == 0
    assert "merge     a.txt" in result.out
    assert "git commit --message 'Update to fastapi-scaffold 2.0.0' -- .\n" in result.out
    assert monorepo.read("a.txt") == MERGED
    lines = set(git(root, "status", "--porcelain", "--untracked-files=all").splitlines())
    assert lines - elsewhere == {
        f'M  "services/my api/{ANSWERS_FILE}"',
        'M  "services/my api/a.txt"',
        'A  "services/my api/new.txt"',
    }
    assert elsewhere < lines
    undo = result.out.split("To undo the update\n")[1].strip()
    subprocess.run(["sh", "-c", undo], check=True)
    assert set(git(root, "status", "--porcelain", "--untracked-files=all").splitlines()) == elsewhere


def test_40b_conflicts_in_a_directory_of_a_repository(monorepo: World) -> None:
    monorepo.edit({"a.txt": edited(15, "MINE")})
    assert monorepo.update().code == 4
    assert monorepo.status() == {"services/my api/a.txt": "UU", "services/my api/new.txt": "A "}
    assert git(monorepo.project, "show", ":2:./a.txt") + "\n" == edited(15, "MINE")


def test_attributes_of_the_repository_hold_in_the_directory(monorepo: World) -> None:
    """The user's own rule: of both sides' changes to this file, keep both."""
    root = monorepo.project.parent.parent
    put(root, {".gitattributes": "/services/*/a.txt merge=union\n"})
    commit(root)
    monorepo.edit({"a.txt": edited(15, "MINE")})
    result = monorepo.update()
    assert result.code == 0
    assert "MINE\ntheirs\n" in monorepo.read("a.txt")


def test_42_a_linked_work_tree(edited_project: World) -> None:
    main = edited_project.project
    git(main, "worktree", "add", "--quiet", "-b", "side", str(edited_project.place / "side"))
    edited_project.project = edited_project.place / "side"
    merged(edited_project)
    assert git(main, "status", "--porcelain") == ""


def test_43_a_detached_head(edited_project: World) -> None:
    git(edited_project.project, "checkout", "--quiet", "--detach")
    merged(edited_project)


def test_48_a_project_that_is_a_submodule(edited_project: World) -> None:
    outer = edited_project.place / "outer"
    put(outer, {"x.txt": "x\n"})
    git(outer, "init", "--quiet")
    allowed = ["-c", "protocol.file.allow=always"]
    git(outer, *allowed, "submodule", "--quiet", "add", str(edited_project.project), "inner")
    commit(outer)
    edited_project.project = outer / "inner"
    assert (outer / "inner" / ".git").is_file()
    merged(edited_project)


def test_49_a_project_that_has_a_submodule_with_work_in_it(edited_project: World) -> None:
    library = edited_project.place / "library"
    put(library, {"x.txt": "x\n"})
    git(library, "init", "--quiet")
    commit(library)
    project = edited_project.project
    git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "library")
    commit(project)
    put(project, {"library/x.txt": "MINE\n"})
    assert edited_project.update(again=False).code == 0
    assert edited_project.read("a.txt") == MERGED
    assert edited_project.read("library/x.txt") == "MINE\n"


@pytest.mark.parametrize(
    "branch", ["trunk", "feature/ü x".replace(" ", "-"), "yours", "fastapi-scaffold-2.0.0", "base"]
)
def test_any_branch(edited_project: World, branch: str) -> None:
    git(edited_project.project, "branch", "--move", branch)
    merged(edited_project)
    assert git(edited_project.project, "symbolic-ref", "--short", "HEAD") == branch


def test_51_52_53_hooks_signing_and_an_identity_are_not_used(edited_project: World, tmp_path: Path) -> None:
    """Differs: a global `core.hooksPath` with a failing hook makes Copier fail."""
    hooks = tmp_path / "hooks"
    names = ["pre-commit", "commit-msg", "post-checkout", "post-index-change", "post-merge", "fsmonitor", "pre-auto-gc"]
    for name in names:
        put(hooks, {name: f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\nexit 1\n"})
        (hooks / name).chmod(0o755)
    project = edited_project.project
    settings = {
        "core.hooksPath": hooks,
        "core.fsmonitor": hooks / "fsmonitor",
        "commit.gpgsign": "true",
        "gpg.program": "/bin/false",
        "user.useConfigOnly": "true",
    }
    for name, value in settings.items():
        git(project, "config", name, str(value))
    assert edited_project.update(again=False).code == 0
    assert edited_project.read("a.txt") == MERGED
    assert not list(tmp_path.glob("ran-*"))


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere"},
        {"GIT_INDEX_FILE": "/nowhere/index"},
        {"GIT_WORK_TREE": "/", "GIT_DIR": "/nowhere", "GIT_PREFIX": "x/"},
        {"GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere"},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "true"},
        {"GIT_CONFIG_PARAMETERS": "'core.bare=true'"},
        {"GIT_NAMESPACE": "x", "GIT_LITERAL_PATHSPECS": "1", "GIT_EXTERNAL_DIFF": "/bin/false"},
        {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    ],
)
def test_95_96_called_by_a_hook_of_git(
    edited_project: World, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Differs: Copier fails, or forgets the version."""
    package = publish(edited_project.place / "site", {}, template_from=edited_project.package)
    done = subprocess.run(
        [sys.executable, "-m", "fastapi_scaffold", "update", "--no-verify"],
        cwd=edited_project.project,
        env=environment(PYTHONPATH=str(package), **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert edited_project.read("a.txt") == MERGED


@pytest.mark.parametrize(
    "settings",
    [
        {"merge.renames": "false", "diff.renames": "false", "merge.directoryRenames": "false"},
        {"merge.conflictStyle": "diff3"},
        {"status.relativePaths": "true", "status.short": "true", "status.branch": "true", "color.ui": "always"},
        {"core.quotePath": "true", "core.ignoreCase": "true", "core.precomposeUnicode": "true"},
        {"core.untrackedCache": "true", "index.version": "4", "core.splitIndex": "true"},
        {"core.fileMode": "false", "core.trustCTime": "false", "core.checkStat": "minimal"},
        {"diff.noprefix": "true", "diff.external": "/bin/false", "core.pager": "/bin/false"},
        {"core.excludesFile": "/dev/null", "core.attributesFile": "/dev/null", "fetch.fsckObjects": "true"},
    ],
)
def test_any_settings_of_git(edited_project: World, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    config = edited_project.place / "config"
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    for name, value in settings.items():
        git(edited_project.project, "config", "--global", name, value)
    git(edited_project.project, "status")
    assert "+theirs" in edited_project.update("--diff").out
    merged(edited_project)


def test_objects_named_by_the_longer_hash(world: World) -> None:
    world.release("1.0.0")
    world.new()
    shutil.rmtree(world.project / ".git")
    git(world.project, "init", "--quiet", "--object-format=sha256")
    commit(world.project)
    world.edit({"a.txt": edited(2, "MINE"), "b.txt": "MINE\n"})
    world.release("2.0.0", {"a.txt": edited(15, "theirs"), "new.txt": "new\n", "b.txt": "theirs\n"})
    assert world.update().code == 4
    assert world.read("a.txt") == MERGED
    assert world.status() == {"a.txt": "M ", "b.txt": "AA", "new.txt": "A "}


def test_a_shallow_clone(edited_project: World) -> None:
    git(edited_project.place, "clone", "--quiet", "--depth=1", f"file://{edited_project.project}", "shallow")
    edited_project.project = edited_project.place / "shallow"
    merged(edited_project)


def test_a_clone_that_borrows_objects(edited_project: World) -> None:
    git(edited_project.place, "clone", "--quiet", "--shared", str(edited_project.project), "shared")
    edited_project.project = edited_project.place / "shared"
    merged(edited_project)


def test_a_sparse_checkout(edited_project: World) -> None:
    """What is not checked out cannot be updated, and git must not forget it."""
    edited_project.edit({"docs/own.txt": "x\n"})
    git(edited_project.project, "sparse-checkout", "set", "--no-cone", "/*", "!/docs/")
    merged(edited_project)
    assert git(edited_project.project, "ls-files", "docs") == "docs/own.txt"


def test_86_a_link_to_the_project(edited_project: World) -> None:
    """Differs: Copier fails."""
    link = edited_project.place / "link"
    link.symlink_to(edited_project.project)
    edited_project.project = link
    result = edited_project.run("--no-verify")
    assert result.code == 0
    assert edited_project.read("a.txt") == MERGED


def test_a_place_with_any_name(world: World) -> None:
    world.release("1.0.0")
    world.new(world.place / 'it\'s "a" = ü: (x)')
    world.edit({"a.txt": edited(2, "MINE")})
    released(world)
    result = world.update(again=False)
    assert result.code == 0
    subprocess.run(["sh", "-c", result.out.split("To undo the update\n")[1].strip()], check=True)
    assert git(world.project, "status", "--porcelain") == ""
    merged(world)


def test_a_repository_on_another_file_system(edited_project: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the new files are staged in the project, so that moving them stays a mere rename."""
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == edited_project.place.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    place = shm / f"fastapi-scaffold-{os.getpid()}"
    try:
        shutil.move(edited_project.project / ".git", place)
        put(edited_project.project, {".git": f"gitdir: {place}\n"})
        merged(edited_project)
        assert not list(edited_project.project.glob(".fastapi-scaffold*"))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_a_file_system_without_links(edited_project: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hard links are how nothing is overwritten; without them it is looked at first."""
    from fastapi_scaffold.updating import apply, transaction

    def no_links(*_arguments: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def in_this_process(staging: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transaction.os, "link", no_links)
            transaction.make_moves(staging)

    monkeypatch.setattr(apply, "_move", in_this_process)
    merged(edited_project)


def test_two_updates_at_once(edited_project: World) -> None:
    package = publish(edited_project.place / "site", {}, template_from=edited_project.package)
    command = [sys.executable, "-m", "fastapi_scaffold", "update", "--no-verify"]
    children = [
        subprocess.Popen(
            command,
            cwd=edited_project.project,
            env=environment(PYTHONPATH=str(package)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [child.communicate() for child in children]
    assert sorted(child.returncode for child in children) == [0, 1, 1]
    failures = [err for child, (_, err) in zip(children, said, strict=True) if child.returncode]
    expected = {
        "error: Another update is at work in this repository. Nothing was changed.",
        "error: The project has changes that are not committed. Nothing was changed.",
    }
    assert {err.splitlines()[0] for err in failures} <= expected
    assert edited_project.read("a.txt") == MERGED


def test_the_disk_is_read_where_the_environment_says_nothing(edited_project: World) -> None:
    """Without HOME and with next to nothing on PATH."""
    package = publish(edited_project.place / "site", {}, template_from=edited_project.package)
    git_only = edited_project.place / "bin"
    git_only.mkdir()
    executable = shutil.which("git")
    assert executable
    (git_only / "git").symlink_to(executable)
    done = subprocess.run(
        [sys.executable, "-m", "fastapi_scaffold", "update", "--no-verify", "--quiet"],
        cwd=edited_project.project,
        env={"PATH": str(git_only), "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert edited_project.read("a.txt") == MERGED


def test_configuration_in_the_environment_is_the_users(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As images have it, for instance so that git trusts directories of other users."""
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", {"new.txt": "new\n"})
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "status.showUntrackedFiles")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "wrong")
    # Proof that git sees it: it cannot read that value.
    assert "wrong" in world.update(again=False).err
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "all")
    assert world.update(again=False).code == 0
