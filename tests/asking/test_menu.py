"""What a list takes from the keyboard: a number, letters that narrow it, and nothing that it should not; and a text."""

import time
from functools import partial

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from fastapi_scaffold.asking.menu import Option
from fastapi_scaffold.asking.prompts import Screen, choose, tick, type_text
from tests.terminal import BACKSPACE, CTRL_C, DOWN, ENTER, UP

MANY = [
    Option("", "Fruit"),
    Option("apple", "Apple"),
    Option("pear", "Pear", reason="None is ripe."),
    Option("", "Roots"),
    Option("beet", "Beetroot 3.1"),
    Option("carrot", "Carrot", "the orange one"),
    Option("leek", "Leek"),
    *(Option(f"herb-{number}", f"Herb {number}") for number in range(1, 7)),
]
FEW = [Option("", "Fruit"), Option("apple", "Apple"), Option("pear", "Pear"), Option("fig", "Fig")]


def chosen(options: list[Option], *keys: str, current: str | None = None) -> str | None:
    """Return what is chosen by `keys`, or nothing if they choose nothing."""
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text("".join(keys) + CTRL_C)
        try:
            return choose(Screen("What?"), options, current)
        except KeyboardInterrupt:
            return None


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ([ENTER], "apple"),
        # As programs end a line, and as Enter arrives that was pressed before the screen was there.
        (["\n"], "apple"),
        ([DOWN, "\n"], "beet"),
        ([DOWN, " "], "beet"),
        (["3"], "beet"),
        (["9"], "herb-4"),
        # More than nine are counted no further.
        (["1", "0"], "apple"),
        (["0", ENTER], "apple"),
        # One that is not possible stays where it is, with its reason.
        (["2"], None),
        (["2", ENTER], "apple"),
    ],
    ids=repr,
)
def test_a_number_chooses(keys: list[str], value: str | None) -> None:
    assert chosen(MANY, *keys) == value


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["leek", ENTER], "leek"),
        (["/leek", ENTER], "leek"),
        (["LEEK", ENTER], "leek"),
        (["root 3.1", ENTER], "beet"),
        (["/3.1", ENTER], "beet"),
        (["/", ENTER], "apple"),
        (["r", ENTER], "beet"),
        (["r", DOWN, ENTER], "carrot"),
        (["r", UP, ENTER], "herb-6"),
        (["herb", UP, UP, ENTER], "herb-5"),
        # A number is one again where the filter is gone.
        (["/", BACKSPACE, "3"], "beet"),
        (["leekx", BACKSPACE, ENTER], "leek"),
        # What is found is not possible, or nothing is found.
        (["pear", ENTER, DOWN, ENTER, UP, ENTER], None),
        (["xyz", ENTER, DOWN, ENTER, UP, ENTER], None),
        (["xyz", "\n"], None),
        (["xyz", BACKSPACE * 3, ENTER], "apple"),
        # A hint is not a name.
        (["orange", ENTER], None),
    ],
    ids=repr,
)
def test_letters_narrow_a_long_list(keys: list[str], value: str | None) -> None:
    assert chosen(MANY, *keys) == value


def test_the_pointer_stays_where_it_is_found() -> None:
    assert chosen(MANY, "r", ENTER, current="carrot") == "carrot"
    assert chosen(MANY, "r", BACKSPACE, ENTER, current="carrot") == "carrot"


@pytest.mark.parametrize("keys", ["p", "/p", "jk", "4", "0", BACKSPACE])
def test_a_short_list_takes_nothing_else(keys: str) -> None:
    assert chosen(FEW, keys) is None
    assert chosen(FEW, keys, ENTER) == "apple"


@pytest.mark.parametrize("keys", ["\x1b[200~leek\x1b[201~", "\x1b[200~3\x1b[201~", BACKSPACE])
def test_what_is_pasted_narrows_nothing(keys: str) -> None:
    assert chosen(MANY, keys, ENTER) == "apple"


@pytest.mark.parametrize(
    ("pasted", "between", "text"),
    [
        ("one two", " ", "one two"),
        (" one ", " ", " one "),
        ("one\n", " ", "one"),
        ("one\r\n  two\r\rthree\n", " ", "one two three"),
        ("a b:str\nc d:str\n", ";", "a b:str; c d:str"),
        ("a b:str;\n\nc d:str;\n", ";", "a b:str; c d:str"),
    ],
)
def test_lines_that_are_pasted_are_one_answer(pasted: str, between: str, text: str) -> None:
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(f"\x1b[200~{pasted}\x1b[201~{ENTER}")
        assert type_text(Screen("What?"), "", lambda _text: "", between=between) == text


def test_a_key_is_heeded_before_all_work_is_done() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        time.sleep(0.05)
        done.append(number)

    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(ENTER)
        assert choose(Screen("What?", meanwhile=[partial(work, number) for number in range(100)]), FEW) == "apple"
    assert len(done) < 10


def test_what_is_to_be_done_meanwhile_is_done() -> None:
    done: list[str] = []
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        work = [partial(done.append, "a"), partial(done.append, "b"), partial(keyboard.send_text, ENTER)]
        assert choose(Screen("What?", meanwhile=work), FEW) == "apple"
    assert done == ["a", "b"]


ROWS = [
    Option("a", "A", group="first"),
    Option("b", "B", group="first"),
    Option("c", "C", reason="Not here.", group="second"),
    Option("d", "D", group="second"),
    *(Option(f"more-{number}", "More", group=str(number)) for number in range(6)),
]


def ticked(*keys: str, before: tuple[str, ...] = ()) -> list[str]:
    """Return what is ticked by `keys`, after which Enter is pressed."""
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text("".join(keys) + ENTER)
        return sorted(tick(Screen("What?"), ROWS, before))


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        ([], []),
        ([" "], ["a"]),
        ([" ", " "], []),
        ([DOWN, " "], ["b"]),
        (["1", "4"], ["a", "d"]),
        # One of each group, and none that is not possible.
        (["1", "2"], ["b"]),
        (["3"], []),
        ([DOWN, DOWN, " "], ["d"]),
        # There is no filter, and no key that ticks all.
        (["m", "/", "a", "i", BACKSPACE, "0"], []),
        (["\x1b[200~1\x1b[201~"], []),
    ],
    ids=repr,
)
def test_several_are_ticked(keys: list[str], values: list[str]) -> None:
    assert ticked(*keys) == values


def test_what_was_ticked_is_so_where_it_is_possible() -> None:
    assert ticked(before=("b", "c", "gone")) == ["b"]
    assert ticked("1", before=("b", "d")) == ["a", "d"]
    assert ticked("2", before=("b", "d")) == ["d"]


def test_programs_end_a_line_otherwise() -> None:
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text("1\n")
        assert tick(Screen("What?"), ROWS, ()) == {"a"}
