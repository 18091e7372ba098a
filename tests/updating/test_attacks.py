"""What could make an update lose something: odd files, odd set-ups, and what is nobody's but the user's."""

import os
import stat

import pytest

from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.updating.world import World, commit, edited, git, put

pytestmark = pytest.mark.usefixtures("each_git")
MERGED = edited(15, "theirs", edited(2, "MINE"))


@pytest.fixture
def waiting(world: World) -> World:
    """Give a project with an edit, for which there is an update."""
    world.release("1.0.0")
    world.new()
    world.edit({"a.txt": edited(2, "MINE")})
    world.release("2.0.0", {"a.txt": edited(15, "theirs"), "new.txt": "new\n"})
    return world


def test_a_file_renamed_to_the_same_name_in_capitals(waiting: World) -> None:
    git(waiting.project, "mv", "a.txt", "A.txt")
    commit(waiting.project)
    assert waiting.update().code == 0
    assert waiting.read("A.txt") == MERGED
    assert not (waiting.project / "a.txt").exists()


def test_names_that_differ_in_capitals_only(waiting: World) -> None:
    waiting.edit({"A.txt": "MINE\n", "NEW.txt": "MINE\n"})
    assert waiting.update().code == 0
    assert (waiting.read("A.txt"), waiting.read("NEW.txt")) == ("MINE\n", "MINE\n")
    assert (waiting.read("a.txt"), waiting.read("new.txt")) == (MERGED, "new\n")


@pytest.mark.parametrize("committed", [True, False], ids=["as a link to its commit", "ignored"])
def test_a_repository_in_the_repository(waiting: World, committed: bool) -> None:
    inner = waiting.project / "inner"
    put(inner, {"own.txt": "MINE\n"})
    git(inner, "init", "--quiet")
    commit(inner)
    if committed:
        git(waiting.project, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
        commit(waiting.project)
    else:
        put(waiting.project, {".git/info/exclude": "inner/\n"})
    put(inner, {"own.txt": "MINE, changed\n"})
    assert waiting.update(again=False).code == 0
    assert (inner / "own.txt").read_text() == "MINE, changed\n"
    assert git(inner, "log", "--oneline").count("\n") == 0


def test_links_that_lead_in_circles(waiting: World) -> None:
    (waiting.project / "loop").symlink_to("loop")
    put(waiting.project, {"docs/own.txt": "MINE\n"})
    (waiting.project / "docs/up").symlink_to("..")
    commit(waiting.project)
    assert waiting.update().code == 0
    assert str((waiting.project / "loop").readlink()) == "loop"
    assert waiting.read("docs/up/docs/own.txt") == "MINE\n"


def test_a_pipe_where_the_template_adds_a_file(waiting: World) -> None:
    put(waiting.project, {".git/info/exclude": "new.txt\n"})
    os.mkfifo(waiting.project / "new.txt")
    result = waiting.update()
    assert "keep      new.txt: git does not have it" in result.out
    assert stat.S_ISFIFO((waiting.project / "new.txt").lstat().st_mode)


def test_files_of_editors_and_files_that_nobody_may_write(waiting: World) -> None:
    put(waiting.project, {".git/info/exclude": "*.swp\n*~\n", ".a.txt.swp": "MINE\n", "a.txt~": "MINE before\n"})
    (waiting.project / "a.txt").chmod(0o444)
    other = waiting.place / "the same file"
    other.hardlink_to(waiting.project / "a.txt")
    assert waiting.update().code == 0
    assert waiting.read("a.txt") == MERGED
    assert other.read_text() == edited(2, "MINE")


def test_files_that_git_keeps_in_another_form(waiting: World) -> None:
    """As with encrypted files: plain in the work tree, something else in the repository."""
    project = waiting.project
    git(project, "config", "filter.turned.clean", "tr a-zA-Z n-za-mN-ZA-M")
    git(project, "config", "filter.turned.smudge", "tr a-zA-Z n-za-mN-ZA-M")
    waiting.edit({".gitattributes": "own.txt filter=turned\nnew.txt filter=turned\n", "own.txt": "MINE\n"})
    assert git(project, "show", "HEAD:own.txt") == "ZVAR"
    assert waiting.update().code == 0
    assert waiting.read("own.txt") == "MINE\n"
    assert waiting.read("a.txt") == MERGED


def test_a_filter_that_fails(waiting: World) -> None:
    project = waiting.project
    waiting.edit({".gitattributes": "new.txt filter=broken\n"})
    for name, value in {"clean": "cat", "smudge": "false", "required": "true"}.items():
        git(project, "config", f"filter.broken.{name}", value)
    result = waiting.update()
    assert result.code == 1
    assert result.err.startswith("error: The update cannot be written: ")


def test_a_project_that_the_repository_around_it_ignores(world: World) -> None:
    world.release("1.0.0")
    outer = world.place / "outer"
    git(world.place, "init", "--quiet", "outer")
    world.new(outer / "project")
    git(outer, "rm", "-r", "--quiet", "--cached", ".")
    put(outer, {".gitignore": "project/\n"})
    commit(outer)
    world.release("2.0.0", {"a.txt": edited(15, "theirs")})
    result = world.update()
    assert result.code == 1
    own = f"git -C {world.project}"
    assert result.err == (
        f"error: {world.project} is not committed in the repository around it, so there would be no way back from an"
        " update. Nothing was changed.\n"
        f"\nhint: Commit it, or make it a repository of its own: {own} init && {own} add --all &&"
        f" {own} commit --message 'Before the update'\n"
    )


def test_a_record_that_git_does_not_have(waiting: World) -> None:
    """The version in it would never change, and the next update would begin at the wrong one."""
    git(waiting.project, "rm", "--quiet", "--cached", ANSWERS_FILE)
    waiting.edit({".git/info/exclude": f"{ANSWERS_FILE}\n"})
    result = waiting.update()
    assert result.code == 1
    assert result.err == (
        f"error: {ANSWERS_FILE} is not committed, so the update could not record what it did. Nothing was changed.\n"
        f"\nhint: Commit it: git -C {waiting.project} add --force {ANSWERS_FILE}\n"
    )
