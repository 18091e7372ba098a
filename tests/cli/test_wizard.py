"""The questions on a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.console import environment, tree

DOWN, ENTER, CTRL_C, CTRL_D, CTRL_U = "\x1b[B", "\r", "\x03", "\x04", "\x15"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """A command that believes it talks to a person."""

    def __init__(self, directory: Path, *arguments: str, **changes: str) -> None:
        self.screen = self.raw = ""
        self._own, theirs = pty.openpty()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "fastapi_scaffold", *arguments],
            cwd=directory,
            env=environment(PROMPT_TOOLKIT_NO_CPR="1", TERM="xterm", **changes),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def expect(self, text: str) -> None:
        """Read until `text` is shown."""
        deadline = time.monotonic() + 30
        while text not in " ".join(self.screen.split()):
            if time.monotonic() > deadline or not self._read():
                pytest.fail(f"{text!r} is not on the screen:\n{self.screen}")

    def type(self, *keys: str) -> None:
        """Press `keys`, and forget what was on the screen."""
        self.screen = ""
        os.write(self._own, "".join(keys).encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        code = self._child.wait(30)
        os.close(self._own)
        return code

    def _read(self) -> bool:
        if not select.select([self._own], [], [], 30)[0]:
            return False
        try:
            data = os.read(self._own, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += data.decode(errors="replace")
        self.screen += ESCAPES.sub("", data.decode(errors="replace"))
        return bool(data)


FLAGS = ("--settings", "single", "--deployment", "none", "--ci", "none", "--python-version", "3.11", "--no-verify")


def test_every_unanswered_question_is_asked(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", *FLAGS)
    terminal.expect("What is the project called?")
    terminal.type("no!", ENTER)
    terminal.expect("A name has at most 60")
    terminal.type(CTRL_U, "My API", ENTER)
    terminal.expect("What does it do, in one sentence?")
    terminal.type(CTRL_U, "It counts sheep.", ENTER)
    terminal.expect("Where does it keep its data?")
    terminal.expect("one file, no server")
    terminal.type(ENTER)
    terminal.expect("How do callers prove who they are?")
    terminal.type(ENTER)
    assert terminal.end() == 0
    answers = yaml.safe_load((tmp_path / "my-api" / ".copier-answers.yml").read_text())
    assert answers["project_name"] == "My API"
    assert answers["description"] == "It counts sheep."
    assert (answers["database"], answers["auth"], answers["settings"]) == ("sqlite", "jwt", "single")


def test_an_impossible_choice_is_shown_with_its_reason(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--description", "x", "--database", "none", *FLAGS)
    terminal.expect("What is the project called?")
    terminal.type(ENTER)
    terminal.expect("so it needs a database")
    terminal.type(ENTER)
    assert terminal.end() == 0
    assert yaml.safe_load((tmp_path / "x" / ".copier-answers.yml").read_text())["auth"] == "oidc"


@pytest.mark.parametrize(
    ("arguments", "question", "key"),
    [
        ([], "What is the project called?", CTRL_C),
        ([], "What is the project called?", CTRL_D),
        (["x", "--project-name", "x", "--description", "x"], "Which Python does it need", CTRL_C),
    ],
    ids=["text ctrl-c", "text end of input", "choice ctrl-c"],
)
def test_cancelled(tmp_path: Path, arguments: list[str], question: str, key: str) -> None:
    terminal = Terminal(tmp_path, "new", *arguments)
    terminal.expect(question)
    terminal.type(key)
    terminal.expect("Cancelled, nothing was written.")
    assert terminal.end() == 130
    assert tree(tmp_path) == []


def test_nothing_is_asked_with_defaults(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--defaults", "--no-verify")
    terminal.expect("Created")
    assert terminal.end() == 0


def test_nothing_is_asked_for_json(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--json")
    terminal.expect("missing_answers")
    assert terminal.end() == 2


def test_a_place_that_is_taken_is_refused_before_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine").touch()
    terminal = Terminal(tmp_path, "new", "x")
    terminal.expect("is not empty")
    assert terminal.end() == 2


@pytest.mark.parametrize("columns", ["80", "40"])
def test_without_colour_nothing_is_coloured_after_the_questions(tmp_path: Path, columns: str) -> None:
    terminal = Terminal(tmp_path, "new", "x", "-y", "--no-verify", NO_COLOR="1", COLUMNS=columns)
    terminal.expect("The same project again")
    assert terminal.end() == 0
    assert re.search(r"\x1b\[[0-9;]*m", terminal.raw) is None
