"""Every case in which updating by Copier was measured, and what becomes of the user's work here.

Where Copier 9.19 loses something, or says nothing about it, the docstring tells. `World.update` checks in each case
that nothing of the user's is lost and that a second update has nothing to do.
"""

import os
import stat
from pathlib import Path

import pytest

from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.updating.world import World, choice, commit, edited, git, put

pytestmark = pytest.mark.usefixtures("each_git")

LONG = "".join(f"this is line {number} of a longer text\n" for number in range(30))
MINE = edited(5, "MINE 5", LONG)
THEIRS = edited(25, "theirs 25", LONG)
BINARY = bytes(range(256))


def stages(world: World, name: str) -> list[str]:
    lines = git(world.project, "ls-files", "--stage", "--", name).splitlines()
    return [line.split()[2] for line in lines]


def verdict(world: World, *arguments: str) -> dict[str, str]:
    """Return what a preview says of each file, without the reasons."""
    lines = world.update("--dry-run", *arguments).out.splitlines()
    files = (line.split(": ")[0].split(maxsplit=1) for line in lines if "  " in line and not line.startswith(" "))
    return {path: action for action, path in files if path != ANSWERS_FILE}


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_01_edits_far_apart_are_merged(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({"a.txt": edited(2, "MINE 2")})
    world.release("2.0.0", {"a.txt": edited(15, "theirs 15")})
    assert verdict(world) == {"a.txt": "merge"}
    assert world.update(again=False).code == 0
    assert world.read("a.txt") == edited(15, "theirs 15", edited(2, "MINE 2"))
    assert world.status() == {"a.txt": "M "}


@pytest.mark.parametrize("line", [10, 11], ids=["02-adjacent", "03-same"])
def test_02_03_edits_of_the_same_lines_are_a_conflict_of_git(world: World, line: int) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({"a.txt": edited(11, "MINE 11")})
    world.release("2.0.0", {"a.txt": edited(line, "theirs")})
    result = world.update()
    assert result.code == 4
    assert "conflict  a.txt: you and the template changed the same lines" in result.out
    assert world.status() == {"a.txt": "UU"}
    assert stages(world, "a.txt") == ["1", "2", "3"]
    text = world.read("a.txt")
    assert "<<<<<<< yours\n" in text
    assert ">>>>>>> fastapi-scaffold-2.0.0\n" in text
    assert "theirs\n" in text


def test_04_a_conflict_is_never_put_into_another_file(world: World) -> None:
    """Differs: Copier with `--conflict rej` leaves the user's line only in a `.rej` file."""
    world.release("1.0.0")
    world.new()
    world.edit({"a.txt": edited(11, "MINE 11")})
    world.release("2.0.0", {"a.txt": edited(11, "theirs")})
    world.update()
    assert "MINE 11" in world.read("a.txt")
    assert not list(world.project.rglob("*.rej"))


# ── Files that come and go ────────────────────────────────────────────────────────────────────────────────────────────


def test_05_what_the_user_deleted_stays_deleted_and_that_is_said(world: World) -> None:
    """Differs: Copier says nothing."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": None})
    world.release("2.0.0", {"b.txt": THEIRS})
    result = world.update()
    assert result.code == 0
    assert "keep      b.txt: you deleted it; the template changed it" in result.out
    assert not (world.project / "b.txt").exists()


def test_06_what_the_template_deleted_and_the_user_changed_is_a_conflict(world: World) -> None:
    """Differs: Copier deletes the user's file and says nothing."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": MINE})
    world.release("2.0.0")
    assert world.update().code == 4
    assert world.read("b.txt") == MINE
    assert world.status() == {"b.txt": "UD"}


def test_07_what_the_template_deleted_and_nobody_changed_goes(world: World) -> None:
    world.release("1.0.0", {"b/b.txt": LONG})
    world.new()
    world.release("2.0.0")
    assert verdict(world) == {"b/b.txt": "delete"}
    assert world.update().code == 0
    assert not (world.project / "b").exists()


def test_08_an_edit_follows_a_file_that_the_template_renamed(world: World) -> None:
    """Differs: Copier renders the new name and drops the edit with the old one."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": MINE})
    world.release("2.0.0", {"c.txt": THEIRS})
    result = world.update()
    assert result.code == 0
    assert "rename    c.txt (was b.txt): the template renamed it, with what is yours in it\n" in result.out
    assert world.read("c.txt") == edited(25, "theirs 25", MINE)
    assert not (world.project / "b.txt").exists()


def test_09_a_change_follows_a_file_that_the_user_renamed(world: World) -> None:
    """Differs: with Copier the template's change never arrives, and nothing is said."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": None, "docs/mine.txt": MINE})
    world.release("2.0.0", {"b.txt": THEIRS})
    assert verdict(world) == {"docs/mine.txt": "merge"}
    assert world.update().code == 0
    assert world.read("docs/mine.txt") == edited(25, "theirs 25", MINE)
    assert not (world.project / "b.txt").exists()


def test_10_both_add_a_file(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({"b.txt": "MINE\n"})
    world.release("2.0.0", {"b.txt": "theirs\n"})
    result = world.update()
    assert result.code == 4
    assert "conflict  b.txt: you and the template both added it" in result.out
    assert world.status() == {"b.txt": "AA"}


def test_11_both_add_the_same_file(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({"b.txt": "MINE\n"})
    world.release("2.0.0", {"b.txt": "MINE\n"})
    assert world.update().code == 0


def test_12_an_ignored_file_is_never_overwritten(world: World) -> None:
    """Differs: Copier overwrites it, and nobody has the old one."""
    world.release("1.0.0", {".gitignore": "secret.env\n"})
    world.new()
    world.edit({"secret.env": "MINE=1\n"})
    world.release("2.0.0", {".gitignore": "secret.env\n", "secret.env": "theirs=1\n"})
    result = world.update()
    assert result.code == 0
    assert "keep      secret.env: git does not have it" in result.out
    assert world.read("secret.env") == "MINE=1\n"


# ── Answers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

PATHS = {"auth.txt": ["auth"], "auth": ["auth"]}


def test_13_14_an_answer_on_and_off(world: World) -> None:
    world.release("1.0.0", {"auth.txt": LONG}, paths=PATHS)
    world.new(auth="none")
    assert not (world.project / "auth.txt").exists()
    assert world.update("--data", "auth=jwt", again=False).code == 0
    assert world.read("auth.txt") == LONG
    commit(world.project)
    assert world.update("--data", "auth=none").code == 0
    assert not (world.project / "auth.txt").exists()
    assert "auth: none" in world.read(ANSWERS_FILE)


def test_15_17_an_answer_off_and_a_file_of_it_changed(world: World) -> None:
    """Differs: Copier deletes the user's file and says nothing."""
    world.release("1.0.0", {"auth.txt": LONG}, paths=PATHS)
    world.new()
    world.edit({"auth.txt": MINE})
    assert world.update("--data", "auth=none").code == 4
    assert world.read("auth.txt") == MINE
    assert world.status() == {"auth.txt": "UD"}


def test_16_an_answer_off_and_files_of_the_user_in_its_directory(world: World) -> None:
    """Differs: Copier deletes the changed one."""
    world.release("1.0.0", {"auth/one.txt": LONG, "auth/two.txt": "two\n"}, paths=PATHS)
    world.new()
    world.edit({"auth/one.txt": MINE, "auth/own.txt": "MINE own\n"})
    assert world.update("--data", "auth=none").code == 4
    assert world.read("auth/one.txt") == MINE
    assert world.read("auth/own.txt") == "MINE own\n"
    assert world.status() == {"auth/one.txt": "UD", "auth/two.txt": "D "}


def test_18_a_database_changes_beside_the_users_code(world: World) -> None:
    template = "".join(f"line {number}\n" for number in range(10)) + "url = {{ database }}://\n" + LONG
    world.release("1.0.0", {"config.txt.jinja": template})
    world.new()
    world.edit({"config.txt": world.read("config.txt") + "MINE\n"})
    assert world.update("--data", "database=postgresql").code == 0
    assert "url = postgresql://\n" in world.read("config.txt")
    assert world.read("config.txt").endswith("MINE\n")


# ── Binaries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_19_29_a_binary_that_the_template_changed_and_one_of_the_users(world: World) -> None:
    world.release("1.0.0", {"b.bin": BINARY})
    world.new()
    world.edit({"own.bin": BINARY + b"MINE"})
    world.release("2.0.0", {"b.bin": BINARY + b"theirs"})
    assert world.update().code == 0
    assert (world.project / "b.bin").read_bytes() == BINARY + b"theirs"
    assert (world.project / "own.bin").read_bytes() == BINARY + b"MINE"


def test_20_28_a_binary_that_only_the_user_changed(world: World) -> None:
    """Differs: Copier puts the template's back, though that did not change."""
    world.release("1.0.0", {"b.bin": BINARY})
    world.new()
    world.edit({"b.bin": BINARY + b"MINE", "a.txt": edited(2, "MINE 2")})
    world.release("2.0.0", {"b.bin": BINARY, "a.txt": edited(15, "theirs 15")})
    assert world.update().code == 0
    assert (world.project / "b.bin").read_bytes() == BINARY + b"MINE"


def test_21_a_binary_that_both_changed(world: World) -> None:
    """Differs: Copier takes the template's and says nothing."""
    world.release("1.0.0", {"b.bin": BINARY})
    world.new()
    world.edit({"b.bin": BINARY + b"MINE"})
    world.release("2.0.0", {"b.bin": BINARY + b"theirs"})
    assert world.update().code == 4
    assert (world.project / "b.bin").read_bytes() == BINARY + b"MINE"
    assert world.status() == {"b.bin": "UU"}


# ── What is the user's once it exists ─────────────────────────────────────────────────────────────────────────────────

HISTORY = {"log": {"behind": "Write the next one.", "steps": ["write it"], "unused": "Nobody reads it."}}


def test_22_a_history_is_left_alone(world: World) -> None:
    """Copier does the same with `_skip_if_exists`, but adds files that the history knows nothing of."""
    world.release("1.0.0", {"log/1.txt": LONG}, histories=HISTORY)
    world.new()
    world.edit({"log/1.txt": MINE})
    world.release("2.0.0", {"log/1.txt": THEIRS, "log/2.txt": "theirs\n"}, histories=HISTORY)
    result = world.update()
    assert result.code == 0
    assert "keep      log/1.txt: yours since the project was created" in result.out
    assert "log/2.txt" not in result.out
    assert "\nWrite the next one.\n" in result.out
    assert "\n  write it\n  fastapi-scaffold verify\n" in result.out
    assert world.read("log/1.txt") == MINE
    assert not (world.project / "log/2.txt").exists()


def test_23_what_the_user_deleted_of_a_history_stays_deleted(world: World) -> None:
    """Differs: Copier writes it again."""
    world.release("1.0.0", {"log/1.txt": LONG, "log/2.txt": LONG}, histories=HISTORY)
    world.new()
    world.edit({"log/1.txt": None})
    world.release("2.0.0", {"log/1.txt": THEIRS, "log/2.txt": LONG}, histories=HISTORY)
    assert world.update().code == 0
    assert not (world.project / "log/1.txt").exists()


@pytest.mark.parametrize("own", [True, False])
def test_24_a_history_that_the_template_has_no_more(world: World, own: bool) -> None:
    """Differs: Copier deletes it, changed or not. Here it goes only while nothing in it is the user's."""
    world.release("1.0.0", {"log/1.txt": LONG}, histories=HISTORY)
    world.new()
    if own:
        world.edit({"log/2.txt": "MINE\n"})
    world.release("2.0.0", histories=HISTORY)
    result = world.update()
    assert result.code == 0
    assert ("\nNobody reads it.\n" in result.out) == own
    assert (world.project / "log/1.txt").exists() == own
    assert (world.project / "log").exists() == own


def test_a_history_begins_with_what_the_template_has(world: World) -> None:
    history = {"log": HISTORY["log"] | {"later": ["do it"]}}
    world.release("1.0.0", {"log/1.txt": LONG}, paths={"log": ["database"]}, histories=history)
    world.new(database="none")
    result = world.update("--data", "database=sqlite")
    assert (result.code, "\n  fastapi-scaffold verify\n  do it\n" in result.out) == (0, True)
    assert world.read("log/1.txt") == LONG


def test_a_history_that_was_moved_is_left_alone(world: World) -> None:
    """Differs: Copier writes it again where it was. Git would merge it where it is."""
    world.release("1.0.0", {"log/1.txt": LONG, "log/2.txt": LONG}, histories=HISTORY)
    world.new()
    world.edit({"log/1.txt": None, "log/2.txt": None, "own/log/1.txt": MINE, "own/log/2.txt": LONG})
    world.release("2.0.0", {"log/1.txt": THEIRS, "log/2.txt": THEIRS, "log/3.txt": "theirs\n"}, histories=HISTORY)
    result = world.update()
    assert (result.code, world.status()) == (0, {})
    assert "keep      own/log/1.txt: yours since the project was created\n" in result.out
    assert "\nWrite the next one.\n" in result.out


@pytest.mark.parametrize("other", ["1.txt", "notes/1.txt"])
def test_a_history_that_is_not_to_be_seen_does_not_come_back(world: World, other: str) -> None:
    """What has the name of one of its files, in a directory of something else, is not it."""
    more = {"notes/more.txt": "more\n"}
    world.release("1.0.0", {"log/1.txt": LONG, **more}, histories=HISTORY)
    world.new()
    world.edit({"log/1.txt": None, other: MINE})
    world.release("2.0.0", {"log/1.txt": THEIRS, "log/2.txt": "theirs\n", **more}, histories=HISTORY)
    result = world.update()
    assert (result.code, world.status(), world.read(other)) == (0, {}, MINE)
    assert "\nThere is no log any more: what the template has new there was left out.\n" in result.out
    assert "Write the next one." not in result.out


# ── What an answer brings ─────────────────────────────────────────────────────────────────────────────────────────────

TAKEN: dict[str, list[str]] = {"sqlite.txt": ["sqlite"], "postgresql": ["postgresql"]}
BOTH = {"database": choice("database", "sqlite", sqlite=["sqlite"], postgresql=["postgresql"])}


def test_what_an_answer_brings_is_no_rename_of_what_another_took_away(world: World) -> None:
    """At the same time the new version renames a file, which is followed."""
    world.release("1.0.0", {"sqlite.txt": LONG, "old.txt": edited(9, "old", LONG)}, questions=BOTH, paths=TAKEN)
    new = {"sqlite.txt": LONG, "postgresql/new.txt": edited(3, "three", LONG), "new.txt": edited(9, "old", LONG)}
    world.new()
    world.edit({"sqlite.txt": MINE, "old.txt": edited(2, "MINE 2", edited(9, "old", LONG))})
    world.release("2.0.0", new, questions=BOTH, paths=TAKEN)
    result = world.update("--data", "database=postgresql")
    assert result.code == 4
    assert world.read("sqlite.txt") == MINE
    assert world.read("postgresql/new.txt") == edited(3, "three", LONG)
    assert "MINE 2" in world.read("new.txt")
    assert world.status()["sqlite.txt"] == "UD"


# ── Ignored files ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("newer", ["theirs=2\n", "old=1\n"], ids=["25", "25b"])
def test_25_27_57d_an_ignored_file_that_the_template_wrote_and_the_user_changed(world: World, newer: str) -> None:
    """Differs: Copier overwrites it, and nobody has the old one, unless `_skip_if_exists` names it."""
    world.release("1.0.0", {".env": "old=1\n"})
    world.new()
    world.edit({".env": "MINE=1\n"})
    world.release("2.0.0", {".env": newer})
    assert world.update().code == 0
    assert world.read(".env") == "MINE=1\n"


def test_26_an_ignored_file_that_the_user_deleted(world: World) -> None:
    """Differs: Copier writes it again. It was never committed, so for git the template adds it: that is said."""
    world.release("1.0.0", {".env": "old=1\n"})
    world.new()
    world.edit({".env": None})
    world.release("2.0.0", {".env": "theirs=1\n"})
    result = world.update()
    assert result.code == 0
    assert "keep      .env: you deleted it" in result.out
    assert not (world.project / ".env").exists()


# ── Line endings ──────────────────────────────────────────────────────────────────────────────────────────────────────


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def test_31_the_user_committed_other_line_endings(world: World) -> None:
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": crlf(MINE)})
    world.release("2.0.0", {"b.txt": THEIRS})
    assert world.update().code == 4
    assert b"MINE 5\r\n" in (world.project / "b.txt").read_bytes()


def test_32_a_file_of_the_template_with_other_line_endings(world: World) -> None:
    """Differs: Copier turns a `.jinja` file with CRLF into one with LF, which makes each update one of every line."""
    world.release("1.0.0", {"b.txt": crlf(LONG)})
    world.new()
    world.edit({"b.txt": crlf(MINE)})
    world.release("2.0.0", {"b.txt": crlf(THEIRS)})
    assert world.update().code == 0
    assert (world.project / "b.txt").read_bytes() == crlf(edited(25, "theirs 25", MINE))


@pytest.mark.parametrize("how", ["autocrlf", "eol", "safecrlf"])
def test_33_54_54b_54c_90_a_work_tree_with_other_line_endings(world: World, how: str) -> None:
    """Differs: with `core.safecrlf` Copier fails."""
    world.release("1.0.0", {"b.txt": LONG, "new.txt": "", ".gitattributes": ""})
    world.new()
    if how == "eol":
        world.edit({".gitattributes": "* text=auto eol=crlf\n"})
    else:
        git(world.project, "config", "core.autocrlf", "true")
    for path in world.project.rglob("*.txt"):
        path.unlink()
    git(world.project, "checkout", "--", ".")
    world.edit({"b.txt": crlf(MINE)})
    if how == "safecrlf":
        git(world.project, "config", "core.safecrlf", "true")
    assert git(world.project, "show", "HEAD:b.txt") + "\n" == MINE
    world.release("2.0.0", {"b.txt": THEIRS, "new.txt": "new\n", ".gitattributes": ""})
    assert world.update(again=False).code == 0
    assert (world.project / "b.txt").read_bytes() == crlf(edited(25, "theirs 25", MINE))
    assert (world.project / "new.txt").read_bytes() == b"new\r\n"
    assert world.status() == {"b.txt": "M ", "new.txt": "M "}
    assert git(world.project, "show", ":b.txt") + "\n" == edited(25, "theirs 25", MINE)


def test_a_renamed_file_in_which_nothing_is_the_users(world: World) -> None:
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"own.txt": "MINE\n"})
    world.release("2.0.0", {"c.txt": THEIRS})
    assert "rename    c.txt (was b.txt): the template renamed it\n" in world.update().out


# ── Names, modes and links ────────────────────────────────────────────────────────────────────────────────────────────


def test_34_any_name(world: World) -> None:
    world.release("1.0.0", {"é.txt": LONG, "a b.txt": LONG, "😀.txt": LONG, '"q".txt': LONG})
    world.new()
    name = os.fsdecode(b"\xff\n'\".txt")
    world.edit({"é.txt": MINE, "a b.txt": MINE, "😀.txt": MINE, '"q".txt': MINE, name: "MINE\n", "-x": "MINE\n"})
    world.release("2.0.0", {"é.txt": THEIRS, "a b.txt": THEIRS, "😀.txt": THEIRS, '"q".txt': THEIRS})
    assert world.update().code == 0
    for path in ("é.txt", "a b.txt", "😀.txt", '"q".txt'):
        assert world.read(path) == edited(25, "theirs 25", MINE)


def test_35_36_the_right_to_execute(world: World) -> None:
    world.release("1.0.0", {"run": LONG, "own": LONG})
    world.new()
    (world.project / "own").chmod(0o755)
    world.edit({"run": MINE})
    world.release("2.0.0", {"run": LONG, "own": THEIRS}, executable=["run"])
    assert world.update().code == 0
    assert (world.project / "run").stat().st_mode & stat.S_IXUSR
    assert (world.project / "own").stat().st_mode & stat.S_IXUSR
    assert (world.read("run"), world.read("own")) == (MINE, THEIRS)


def test_37_a_link_that_the_template_points_elsewhere(world: World) -> None:
    world.release("1.0.0", {"link": Path("a.txt")})
    world.new()
    world.release("2.0.0", {"link": Path("pyproject.toml")})
    assert world.update().code == 0
    assert str((world.project / "link").readlink()) == "pyproject.toml"


def test_38_a_link_that_the_user_replaced_by_a_file(world: World) -> None:
    world.release("1.0.0", {"link": Path("a.txt")})
    world.new()
    world.edit({"link": "MINE\n"})
    world.release("2.0.0", {"link": Path("pyproject.toml")})
    result = world.update()
    assert result.code == 4
    assert not (world.project / "link").is_symlink()
    assert world.read("link") == "MINE\n"
    assert "conflict  link: a file on one side and a link on the other; yours is kept; see the template's" in result.out
    assert " with: git show :3:link\n" in result.out


def test_39_a_file_that_the_user_replaced_by_a_link(world: World) -> None:
    """Differs: Copier says nothing of the template's change."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    world.edit({"b.txt": Path("a.txt")})
    world.release("2.0.0", {"b.txt": THEIRS})
    assert world.update().code == 4
    assert str((world.project / "b.txt").readlink()) == "a.txt"
    assert set(world.status()) == {"b.txt"}


def test_39b_both_point_a_link_elsewhere(world: World) -> None:
    world.release("1.0.0", {"link": Path("a.txt")})
    world.new()
    world.edit({"link": Path("MINE")})
    world.release("2.0.0", {"link": Path("pyproject.toml")})
    assert world.update().code == 4
    assert str((world.project / "link").readlink()) == "MINE"
    assert world.status() == {"link": "UU"}


# ── Changes that git was not told of, or was told to hide ─────────────────────────────────────────────────────────────


def test_55b_a_conflict_where_untracked_files_are_not_shown(world: World) -> None:
    """Differs: Copier leaves the user's line in a `.rej` file that `git status` does not show."""
    world.release("1.0.0")
    world.new()
    git(world.project, "config", "status.showUntrackedFiles", "no")
    world.edit({"a.txt": edited(11, "MINE 11")})
    world.release("2.0.0", {"a.txt": edited(11, "theirs")})
    assert world.update().code == 4
    assert world.status() == {"a.txt": "UU"}


def test_55c_an_untracked_file_where_untracked_files_are_not_shown(world: World) -> None:
    """Differs: Copier overwrites it, and nobody has the old one."""
    world.release("1.0.0")
    world.new()
    git(world.project, "config", "status.showUntrackedFiles", "no")
    world.edit({"n.txt": "MINE\n"}, save=False)
    world.release("2.0.0", {"n.txt": "theirs\n"})
    result = world.update()
    assert result.code == 1
    assert "  n.txt\n" in result.err


@pytest.mark.parametrize("newer", [LONG, THEIRS])
def test_57_57b_a_file_that_is_both_committed_and_ignored(world: World, newer: str) -> None:
    """Differs: Copier puts the template's back, even if that did not change."""
    world.release("1.0.0", {"b.log": LONG})
    world.new()
    git(world.project, "add", "--force", "b.log")
    commit(world.project)
    put(world.project, {"b.log": MINE})
    git(world.project, "add", "--force", "b.log")
    commit(world.project)
    world.release("2.0.0", {"b.log": newer})
    assert world.update().code == 0
    assert world.read("b.log") == (MINE if newer == LONG else edited(25, "theirs 25", MINE))


@pytest.mark.parametrize("newer", [THEIRS, None], ids=["changed", "deleted"])
def test_57c_a_file_that_the_user_keeps_without_git(world: World, newer: str | None) -> None:
    """Differs: Copier deletes the file, and nobody has it."""
    world.release("1.0.0", {"b.txt": LONG})
    world.new()
    git(world.project, "rm", "--quiet", "--cached", "b.txt")
    world.edit({"b.txt": MINE, ".gitignore": "b.txt\n"})
    world.release("2.0.0", {"b.txt": newer})
    result = world.update()
    assert result.code == 0
    assert world.read("b.txt") == MINE
    assert "keep      b.txt: git does not have it" in result.out


# ── Whole directories ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_72_a_directory_is_renamed_with_what_the_user_added_to_it(world: World) -> None:
    """Differs: with Copier the user's file stays in the old directory, and the edits are lost."""
    before = {f"old/{name}.txt": f"{name}\n{LONG}" for name in "abcd"}
    after = {f"new/{name}.txt": f"{name}\n{LONG}" for name in "abcd"}
    world.release("1.0.0", before)
    world.new()
    world.edit({"old/a.txt": f"a\n{MINE}", "old/own.txt": "MINE own\n"})
    world.release("2.0.0", after)
    result = world.update()
    assert result.code == 0
    assert world.read("new/a.txt") == f"a\n{MINE}"
    assert world.read("new/own.txt") == "MINE own\n"
    assert "rename    new/own.txt (was old/own.txt)" in result.out
    assert not (world.project / "old").exists()


def test_72b_a_directory_moves_and_the_user_has_one_in_the_place_of_a_file_of_it(world: World) -> None:
    """Moved along, the user's file would need a directory where the template has a file."""
    world.release("1.0.0", {"old/b.txt": LONG})
    world.new()
    world.edit({"old/b.txt": None, "old/b.txt/own.txt": "MINE\n"})
    world.release("2.0.0", {"new/b.txt": LONG})
    result = world.update()
    assert result.code == 4
    assert "conflict  new/b.txt: " in result.out
    assert world.read("old/b.txt/own.txt") == "MINE\n"


def test_84_the_user_has_a_directory_where_the_template_adds_a_file(world: World) -> None:
    """Differs: Copier fails with half of the project updated."""
    world.release("1.0.0")
    world.new()
    world.edit({"thing/own.txt": "MINE\n"})
    world.release("2.0.0", {"thing": "theirs\n"})
    result = world.update()
    assert result.code == 4
    assert world.read("thing/own.txt") == "MINE\n"
    assert "thing~fastapi-scaffold-2.0.0" in result.out


def test_85_the_user_has_a_file_where_the_template_adds_a_directory(world: World) -> None:
    """Differs: Copier fails with half of the project updated."""
    world.release("1.0.0")
    world.new()
    world.edit({"thing": "MINE\n"})
    world.release("2.0.0", {"thing/new.txt": "theirs\n"})
    result = world.update()
    assert result.code == 4
    assert world.read("thing~yours") == "MINE\n"
    assert world.read("thing/new.txt") == "theirs\n"
    assert (
        "conflict  thing~yours (was thing): a file on one side and a directory on the other; yours got another name"
        in result.out
    )


def test_85b_an_ignored_file_where_the_template_adds_a_directory(world: World) -> None:
    world.release("1.0.0", {".gitignore": "thing\n"})
    world.new()
    world.edit({"thing": "MINE\n"})
    world.release("2.0.0", {".gitignore": "thing\n", "thing/new.txt": "theirs\n"})
    assert world.update().code == 0
    assert world.read("thing") == "MINE\n"


def test_84c_a_directory_of_the_template_becomes_a_file_and_a_directory_again(world: World) -> None:
    world.release("1.0.0", {"thing/a.txt": "a\n", "thing/deep/b.txt": "b\n"})
    world.new()
    world.release("2.0.0", {"thing": "theirs\n"})
    assert world.update().code == 0
    assert world.read("thing") == "theirs\n"
    world.release("3.0.0", {"thing/a.txt": "a\n"})
    assert world.update().code == 0
    assert world.read("thing/a.txt") == "a\n"


def test_84d_the_same_where_the_user_has_an_ignored_file_in_the_directory(world: World) -> None:
    """There cannot be both, so the template's file does not come, and that is said."""
    world.release("1.0.0", {"thing/a.txt": "a\n"})
    world.new()
    world.edit({"thing/x.log": "MINE\n"})
    world.release("2.0.0", {"thing": "theirs\n"})
    result = world.update()
    assert result.code == 0
    assert world.read("thing/x.log") == "MINE\n"
    assert "keep      thing: git does not have it" in result.out


def test_84b_ignored_files_where_the_template_adds_a_file(world: World) -> None:
    world.release("1.0.0", {".gitignore": "thing/\n"})
    world.new()
    world.edit({"thing/own.txt": "MINE\n"})
    world.release("2.0.0", {".gitignore": "thing/\n", "thing": "theirs\n"})
    assert world.update().code == 0
    assert world.read("thing/own.txt") == "MINE\n"


def test_85c_an_ignored_link_is_not_followed(world: World) -> None:
    """Written through it, the template's file would land outside of the project."""
    outside = world.place / "outside"
    outside.mkdir()
    world.release("1.0.0", {".gitignore": "data\n"})
    world.new()
    world.edit({"data": outside})
    world.release("2.0.0", {".gitignore": "data\n", "data/new.txt": "theirs\n"})
    result = world.update()
    assert result.code == 0
    assert "keep      data/new.txt: git does not have it" in result.out
    assert not list(outside.iterdir())


# ── Previews and failures ─────────────────────────────────────────────────────────────────────────────────────────────


def test_80_a_preview_tells_everything_and_changes_nothing(world: World) -> None:
    """Differs: Copier's `--pretend` tells nothing."""
    world.release("1.0.0", {"gone.txt": "old\n", "renamed.txt": LONG, "clash.txt": "clash\n"})
    world.new()
    world.edit({"clash.txt": "MINE\n", "a.txt": edited(2, "MINE 2"), "renamed.txt": MINE})
    world.release("2.0.0", {"new.txt": "n\n", "other.txt": LONG, "clash.txt": "x\n", "a.txt": edited(15, "theirs")})
    objects = sorted((world.project / ".git").rglob("*"))
    assert verdict(world) == {
        "a.txt": "merge",
        "clash.txt": "conflict",
        "gone.txt": "delete",
        "new.txt": "create",
        "other.txt (was renamed.txt)": "rename",
    }
    patch = world.update("--diff").out
    assert "\n-line 15\n+theirs\n" in patch
    assert "\nrename from renamed.txt\nrename to other.txt\n" in patch
    assert sorted((world.project / ".git").rglob("*")) == objects
    assert world.update().code == 4


# Copier leaves a directory open when it fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_74b_74c_a_version_that_cannot_be_rendered_changes_nothing(world: World) -> None:
    """Differs: Copier leaves some files rendered, and the answers at the new version."""
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", {"b.txt": "new\n", "z.txt.jinja": "{{ 1 / 0 }}"})
    result = world.update()
    assert result.code == 1
    assert "division by zero" in result.err


def test_92_a_version_whose_tag_is_on_the_commit_of_another(world: World) -> None:
    """Differs: Copier records whichever tag git describes the commit with. Here each version is a commit of its own."""
    world.release("1.0.0")
    world.release("1.0.1")
    world.new()
    assert "_commit: v1.0.1\n" in world.read(ANSWERS_FILE)
    world.release("1.1.0")
    assert world.update().code == 0
    assert "_commit: v1.1.0\n" in world.read(ANSWERS_FILE)
