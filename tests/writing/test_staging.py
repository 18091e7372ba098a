"""All or nothing."""

import os
from pathlib import Path

import pytest

from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.writing.staging import check_writable, staged
from tests.console import tree


def fill(directory: Path) -> None:
    (directory / "a").write_text("a")
    (directory / "b").mkdir()
    (directory / "b" / "c").write_text("c")


def test_content_appears_at_the_end(tmp_path: Path) -> None:
    destination = tmp_path / "new"
    with staged(destination) as staging:
        fill(staging)
        assert not destination.exists()
    assert tree(tmp_path) == ["new", "new/a", "new/b", "new/b/c"]


def test_mode_follows_the_umask(tmp_path: Path) -> None:
    previous = os.umask(0o027)
    try:
        with staged(tmp_path / "new"):
            pass
    finally:
        os.umask(previous)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750


def test_missing_parents_are_made(tmp_path: Path) -> None:
    with staged(tmp_path / "a" / "b" / "new") as staging:
        fill(staging)
    assert (tmp_path / "a" / "b" / "new" / "b" / "c").read_text() == "c"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_failure_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), staged(tmp_path / "a" / "b" / "new") as staging:  # noqa: PT012
        fill(staging)
        raise error
    assert tree(tmp_path) == []


def test_an_empty_directory_is_filled_and_stays_the_same(tmp_path: Path) -> None:
    destination = tmp_path / "new"
    destination.mkdir(mode=0o700)
    before = destination.stat().st_ino
    with staged(destination) as staging:
        fill(staging)
    assert destination.stat().st_ino == before
    assert tree(tmp_path) == ["new", "new/a", "new/b", "new/b/c"]


def test_failure_leaves_an_empty_directory_empty(tmp_path: Path) -> None:
    destination = tmp_path / "new"
    destination.mkdir()
    with pytest.raises(RuntimeError), staged(destination) as staging:  # noqa: PT012
        fill(staging)
        raise RuntimeError
    assert tree(tmp_path) == ["new"]


def test_half_moved_content_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = tmp_path / "new"
    destination.mkdir()
    rename = Path.rename

    def fail_at_b(self: Path, target: Path) -> Path:
        if self.name == "b" and self.parent.name.endswith(".tmp"):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_at_b)
    with pytest.raises(ScaffoldError, match="Permission denied"), staged(destination) as staging:
        fill(staging)
    assert tree(tmp_path) == ["new"]


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(ScaffoldError) as caught, staged(tmp_path):
        pytest.fail("must not be reached")
    assert caught.value.code == "directory_not_empty"
    assert tree(tmp_path) == ["a", "b", "b/c"]


def test_what_appears_meanwhile_is_not_touched(tmp_path: Path) -> None:
    destination = tmp_path / "new"
    with pytest.raises(ScaffoldError) as caught, staged(destination) as staging:  # noqa: PT012
        fill(staging)
        destination.mkdir()
        (destination / "theirs").write_text("x")
    assert caught.value.code == "directory_not_empty"
    assert tree(tmp_path) == ["new", "new/theirs"]


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ScaffoldError) as caught, staged(tmp_path / "file"):
        pytest.fail("must not be reached")
    assert caught.value.code == "not_a_directory"


@pytest.mark.parametrize("where", ["file/new", "file/deeper/new"])
def test_below_a_file(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ScaffoldError, match="Not a directory") as caught, staged(tmp_path / where):
        pytest.fail("must not be reached")
    assert caught.value.code == "cannot_write"
    with pytest.raises(ScaffoldError, match="Not a directory"):
        check_writable(tmp_path / where)
    assert tree(tmp_path) == ["file"]


def test_a_parent_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ScaffoldError) as caught, staged(tmp_path / "new"):
        pytest.fail("must not be reached")
    assert caught.value.message == f"{tmp_path / 'new'} cannot be written: Permission denied. Nothing was changed."


@pytest.mark.parametrize("where", ["", "new", "deeper/new"])
def test_a_place_is_judged_without_being_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    check_writable(tmp_path / where)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(ScaffoldError, match=r"Permission denied\. Nothing was changed\.") as caught:
        check_writable(tmp_path / where)
    assert (caught.value.code, tree(tmp_path)) == ("cannot_write", [])


def test_names_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    with staged(tmp_path / ("x" * 255)):
        pass
    with pytest.raises(ScaffoldError, match="is too long a name"), staged(tmp_path / ("x" * 256)):
        pytest.fail("must not be reached")
    with pytest.raises(ScaffoldError, match="is too long a name"):
        check_writable(tmp_path / ("x" * 256))
