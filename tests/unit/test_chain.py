"""New migrations after the user's own: where they go, what they are called, and when that is not clear."""

from collections.abc import Mapping
from datetime import date

import pytest

from fastapi_scaffold.chain import Names, follow

TODAY = date(2027, 3, 4)
NAMES = Names(id="revision", after="down_revision")


def migration(name: str, after: str | None) -> bytes:
    return f'"""ünïcode."""\n\nrevision = "{name}"\ndown_revision = {after!r}\n\n\ndef upgrade(): ...\n'.encode()


KNOWN = {"m/2026-01-01_0001_one.py": migration("0001", None), "m/2026-01-01_0002_two.py": migration("0002", "0001")}
NEW = {"m/2026-01-01_0003_three.py": migration("0003", "0002")}


def added(
    mine: Mapping[str, bytes] | None = None,
    new: Mapping[str, bytes] = NEW,
    *,
    without: str = "",
    known: Mapping[str, bytes] = KNOWN,
) -> dict[str, bytes]:
    yours = {path: source for path, source in KNOWN.items() if path != without} | dict(mine or {})
    return follow(NAMES, yours, known, new, TODAY)


def test_nothing_of_the_users() -> None:
    """Only the date is another, and the quotes of what is written anew."""
    source = migration("0003", "0002").replace(b"'0002'", b'"0002"')
    assert added() == {"m/2027-03-04_0003_three.py": source}


def test_after_the_users_last() -> None:
    mine = {"m/2026-02-02_a1b2_mine.py": migration("a1b2", "0002")}
    assert b'down_revision = "a1b2"\n' in added(mine)["m/2027-03-04_0003_three.py"]


def test_a_taken_number_becomes_the_next() -> None:
    mine = {"m/a.py": migration("0003", "0002"), "m/b.py": migration("0007", "0003")}
    [(path, source)] = added(mine).items()
    assert path == "m/2027-03-04_0008_three.py"
    assert b'revision = "0008"\ndown_revision = "0007"\n' in source
    assert source.startswith('"""ünïcode."""'.encode())


def test_several_stay_in_their_order() -> None:
    new = {
        "m/4.py": migration("0004", "0003"),
        "m/3.py": migration("0003", "0002"),
        "m/5.py": migration("0005", "0004"),
    }
    mine = {"m/mine.py": migration("0004", "0002")}
    placed = added(mine, new)
    assert list(placed) == ["m/3.py", "m/4.py", "m/5.py"]
    revisions = [
        (line.split(b'"')[1]) for source in placed.values() for line in source.splitlines() if b"revision =" in line
    ]
    assert revisions == [b"0003", b"0004", b"0005", b"0003", b"0006", b"0005"]


@pytest.mark.parametrize(
    "written",
    [
        'revision: str = "x"\ndown_revision: str | None = "0002"\n',
        'revision = "x"\ndown_revision = ("0002",)\n',
        'revision = "x"\ndown_revision = ["0002"]\n',
        'down_revision, other = 1, 2\nrevision = "x"\ndown_revision = (\n    "0002"\n)\n',
    ],
)
def test_as_people_write_it(written: str) -> None:
    assert b'down_revision = "x"' in added({"m/x.py": written.encode()})["m/2027-03-04_0003_three.py"]


def test_two_branches_that_were_merged() -> None:
    mine = {
        "m/a.py": migration("a", "0002"),
        "m/b.py": migration("b", "0002"),
        "m/c.py": b'revision = "c"\ndown_revision = ("a", "b")\n',
    }
    assert b'down_revision = "c"' in added(mine)["m/2027-03-04_0003_three.py"]


def test_what_is_no_migration_is_left_out() -> None:
    assert added({"m/__init__.py": b"", "m/README.md": b"# revision"})


def test_the_user_made_one_of_all() -> None:
    yours = {"m/all.py": migration("all", None)}
    placed = follow(NAMES, yours, KNOWN, NEW, TODAY)
    assert b'down_revision = "all"' in placed["m/2027-03-04_0003_three.py"]


@pytest.mark.parametrize(
    "mine",
    [
        pytest.param({"m/a.py": migration("a", "0002"), "m/b.py": migration("b", "0002")}, id="several heads"),
        pytest.param({"m/a.py": migration("0002", "0001")}, id="two of one name"),
        pytest.param({"m/a.py": migration("a", "gone")}, id="one is missing"),
        pytest.param({"m/a.py": b"revision = "}, id="no Python"),
        pytest.param({"m/a.py": b"\xff\xfe\x00"}, id="no text"),
        pytest.param({"m/a.py": b'revision = "a"\n'}, id="no word of what it comes after"),
        pytest.param({"m/a.py": b'revision = "a"\ndown_revision = previous()\n'}, id="computed"),
        pytest.param({"m/a.py": b'revision = "a"\ndown_revision = 2\n'}, id="a number"),
        pytest.param({"m/a.py": b'revision = "a"\ndown_revision = [2]\n'}, id="numbers"),
        pytest.param({"m/a.py": b'revision: str\ndown_revision = "0002"\n'}, id="no value"),
        pytest.param({"m/a.py": b'if True:\n    revision = "a"\n    down_revision = "0002"\n'}, id="not at the top"),
        pytest.param({"m/2027-03-04_0003_three.py": migration("a", "0002")}, id="a file of that name"),
    ],
)
def test_where_it_is_not_clear_nothing_is_added(mine: dict[str, bytes]) -> None:
    assert added(mine) == {}


def test_without_an_end_nothing_is_added() -> None:
    """Everything comes after something else."""
    circle = {"m/a.py": migration("a", "b"), "m/b.py": migration("b", "a")}
    assert follow(NAMES, circle, KNOWN, NEW, TODAY) == {}
    assert follow(NAMES, {}, KNOWN, NEW, TODAY) == {}


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(NEW | {"m/4.py": migration("0004", "0002")}, id="two after the same"),
        pytest.param(NEW | {"m/4.py": migration("0004", "0003"), "m/5.py": migration("0005", "0003")}, id="a fork"),
        pytest.param({"m/3.py": migration("0003", None)}, id="a beginning"),
        pytest.param({"m/3.py": migration("0003", "0009")}, id="after something else"),
        pytest.param({"m/3.py": b'revision = "0003"\ndown_revision = ("0001", "0002")\n'}, id="a merge"),
        pytest.param({"m/3.py": b"no Python"}, id="unreadable"),
        pytest.param({"m/README.md": b"words"}, id="nothing"),
        pytest.param({"m/4.py": migration("a", "b"), "m/3.py": migration("b", "a")}, id="a circle"),
    ],
)
def test_what_is_no_row_after_the_known_is_not_added(new: dict[str, bytes]) -> None:
    assert added(new=new) == {}
