"""New migrations after the user's own: where they go, what they are called, and when that is not clear."""

import re
from collections.abc import Mapping
from datetime import date

import pytest

from fastapi_scaffold.updating.revisions.rebase import Names, Unclear, alone, follow

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
    placed = follow(NAMES, yours, known, new, TODAY)
    return {plain(path): plain(source.decode()).encode() for path, source in placed.items()}


def plain(text: str) -> str:
    """Return `text` without what no other branch gives to another file."""
    return re.sub(r"(000\d)[0-9a-f]{4}", r"\1", text)


def test_nothing_of_the_users() -> None:
    """Only the date is another, and the quotes of what is written anew."""
    source = migration("0003", "0002").replace(b"'0002'", b'"0002"')
    assert added() == {"m/2027-03-04_0003_three.py": source}


def test_after_the_users_last() -> None:
    mine = {"m/2026-02-02_a1b2_mine.py": migration("a1b2", "0002")}
    assert b'down_revision = "a1b2"\n' in added(mine)["m/2027-03-04_0003_three.py"]


def test_the_first_of_a_template_that_had_none_comes_after_the_users() -> None:
    new = {"m/2026-01-01_0003_three.py": migration("0003", None)}
    assert b'down_revision = "0002"\n' in added(new=new, known={})["m/2027-03-04_0003_three.py"]


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
    [source] = follow(NAMES, yours, KNOWN, NEW, TODAY).values()
    assert b'down_revision = "all"' in source


JOIN = "uv run alembic merge heads -m merge"
SILENT = "does not say in plain words what it is called, and after which it comes."


@pytest.mark.parametrize(
    ("mine", "reason", "remedy"),
    [
        (
            {"a.py": migration("a", "0002"), "b.py": migration("b", "0002")},
            "There are 2 heads: m/a.py, m/b.py.",
            [JOIN],
        ),
        (
            {"a.py": migration("0003", "0002"), "b.py": migration("0003", "0002")},
            "m/a.py and m/b.py are both called 0003.",
            ['Edit m/b.py: revision = "0004", down_revision = "0003"'],
        ),
        (
            {"a.py": migration("a", "0002"), "b.py": migration("b", "0002"), "c.py": migration("a", "0002")},
            "m/a.py and m/c.py are both called a.",
            ['Edit m/c.py: revision = "0003"', JOIN],
        ),
        ({"a.py": migration("a", "gone")}, "m/a.py comes after gone, which is not there.", []),
        (
            {"a.py": migration("a", "b"), "b.py": migration("b", "a")},
            "These come after each other: m/",
            [],
        ),
        ({"a.py": b"revision = "}, f"m/a.py {SILENT}", []),
        ({"a.py": b"\xff\xfe\x00"}, f"m/a.py {SILENT}", []),
        ({"a.py": b'revision = "a"\n'}, f"m/a.py {SILENT}", []),
        ({"a.py": b'revision = "a"\ndown_revision = previous()\n'}, f"m/a.py {SILENT}", []),
        ({"a.py": b'revision = "a"\ndown_revision = 2\n'}, f"m/a.py {SILENT}", []),
        ({"a.py": b'revision = "a"\ndown_revision = [2]\n'}, f"m/a.py {SILENT}", []),
        ({"a.py": b'revision: str\ndown_revision = "0002"\n'}, f"m/a.py {SILENT}", []),
        ({"a.py": b'if 1:\n    revision = "a"\n    down_revision = "0002"\n'}, f"m/a.py {SILENT}", []),
    ],
)
def test_where_it_is_not_clear_nothing_is_added(mine: dict[str, bytes], reason: str, remedy: list[str]) -> None:
    """And it is told why, and what to do first."""
    with pytest.raises(Unclear) as caught:
        added({f"m/{name}": source for name, source in mine.items()})
    assert caught.value.reason.startswith(reason)
    assert list(caught.value.remedy) == remedy


def test_a_file_of_that_name_is_the_users() -> None:
    [path] = follow(NAMES, KNOWN, KNOWN, NEW, TODAY)
    with pytest.raises(Unclear, match=f"There is a file {path} already."):
        follow(NAMES, KNOWN | {path: migration("a", "0002")}, KNOWN, NEW, TODAY)


def test_two_branches_give_different_names() -> None:
    """So that only their ends have to be brought together when they meet."""
    names = set()
    for table in ("one", "two"):
        [source] = follow(NAMES, KNOWN, KNOWN, {"m/3.py": creating(table)}, TODAY).values()
        names |= set(re.findall(rb'^revision = "(0003[0-9a-f]{4})"', source, re.MULTILINE))
    assert len(names) == 2


def test_without_an_end_nothing_is_added() -> None:
    with pytest.raises(Unclear, match=r"^There is nothing that they could come after.$"):
        follow(NAMES, {}, KNOWN, NEW, TODAY)


# ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def creating(table: str, name: str = "0003", after: str = "0002", more: str = "") -> bytes:
    body = f'    op.create_table("{table}", sa.Column("id"))\n{more}'
    return migration(name, after).replace(b"def upgrade(): ...\n", f"def upgrade():\n{body}".encode())


@pytest.mark.parametrize(
    "mine",
    [
        {"m/a.py": creating("thing", "a")},
        {"m/a.py": creating("old", "a", more='    op.rename_table("old", "thing")\n')},
        {
            "m/a.py": creating("thing", "a"),
            "m/b.py": creating("other", "b", "a") + b'\n\ndef downgrade():\n    op.drop_table("thing")\n',
        },
        {"m/a.py": creating("thing", "a", "b", '    op.drop_table("other")\n'), "m/b.py": creating("thing", "b")},
    ],
    ids=["made", "renamed", "another one was dropped on the way back", "made twice"],
)
def test_a_table_that_is_there_is_not_made_again(mine: dict[str, bytes]) -> None:
    with pytest.raises(Unclear, match=r"^m/a.py creates the table thing already.$"):
        added(mine, {"m/3.py": creating("thing")})


@pytest.mark.parametrize(
    "mine",
    [
        {"m/a.py": creating("thing", "a", more='    op.drop_table("thing")\n')},
        {"m/a.py": creating("thing", "a", more='    op.rename_table("thing", "other")\n')},
        # The file that comes first is not the first one.
        {
            "m/a.py": creating("other", "a", "b", '    op.drop_table("thing")\n'),
            "m/b.py": creating("thing", "b"),
        },
    ],
    ids=["dropped", "renamed", "dropped later"],
)
def test_a_table_that_is_gone_can_be_made_again(mine: dict[str, bytes]) -> None:
    assert added(mine, {"m/3.py": creating("thing")})


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
    with pytest.raises(Unclear):
        added(new=new)


def test_alone_a_file_says_not_what_it_comes_after() -> None:
    assert alone(NAMES, migration("0003", "0002")) == alone(NAMES, migration("0003", "0007"))
    assert alone(NAMES, migration("0003", "0002")) != alone(NAMES, migration("0004", "0002"))
    assert alone(NAMES, b"DOWN = 1\n") == b"DOWN = 1\n"
