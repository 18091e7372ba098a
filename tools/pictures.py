"""Write the pictures of the README from the program itself: `uv run python -m tools.pictures`."""

import io
import os
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from pyte import Screen
from rich.console import Console
from rich.style import Style
from rich.text import Text

from fastapi_scaffold.asking.pages import pages
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.console import SCRIPTS
from tests.terminal import DOWN, ENTER, UP, Terminal

DIRECTORY = Path(__file__).parent.parent / "docs"
COLUMNS = 80
# Commands are shown as after an installation, and not as under `uv run`.
_PATH = os.pathsep.join([str(SCRIPTS), os.environ["PATH"]])
QUESTIONS = load_questionnaire(template_root()).questions
START, REVIEW = "How do you want to begin?", "Review: enter on a line changes it"


def picture(screen: Screen, title: str) -> str:
    """Return what is on `screen` as SVG, which is the same for the same screen."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    rows = [row for row in range(screen.lines) if screen.display[row].strip()]
    for row in range(max(rows) + 1):
        console.print(_line(screen, row), no_wrap=True, overflow="crop")
    # No font from elsewhere: whoever looks at the picture should not be seen looking.
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title, unique_id="picture"), flags=re.DOTALL)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


def _line(screen: Screen, row: int) -> Text:
    cells = [screen.buffer[row][column] for column in range(COLUMNS)]
    runs = groupby(cells, lambda cell: Style(color=None if cell.fg == "default" else cell.fg, bold=cell.bold))
    line = Text.assemble(*(("".join(cell.data for cell in run), style) for style, run in runs))
    line.rstrip()
    return line


def wizard(directory: Path) -> dict[str, str]:
    """Return pictures of the wizard's screens, by name."""
    # With a version, because which Python is the newest depends on the machine; at a path that is everywhere the same.
    flags = ("--python-version", "3.13", "--no-verify")
    nowhere = "/nonexistent"
    terminal = Terminal(
        directory, "new", "my-api", *flags, PATH=_PATH, UV="", XDG_CONFIG_HOME=nowhere, XDG_CACHE_HOME=nowhere
    )
    pictures = {}
    terminal.expect(START)
    pictures["start"] = _shown(terminal, directory)
    terminal.type(UP, ENTER)
    terminal.expect("What is the project called?")
    terminal.type(ENTER)
    terminal.expect("What does it do")
    terminal.type(ENTER)
    terminal.expect("Where does it keep its data?")
    terminal.type(UP)
    terminal.expect("❯ 4) None")
    terminal.type(ENTER)
    terminal.expect("How do callers prove who they are?", "so it needs a database.)")
    pictures["question"] = _shown(terminal, directory)
    names = [question.name for question in QUESTIONS]
    for page in pages(QUESTIONS[names.index("auth") :]):
        terminal.expect(page.asks)
        terminal.type(ENTER)
    terminal.expect(REVIEW)
    terminal.type(*[DOWN] * (names.index("database") + 1))
    terminal.expect("❯ 5) database", "The same without questions")
    pictures["review"] = _shown(terminal, directory)
    terminal.type("\x03")
    terminal.end()
    return pictures


def report(directory: Path) -> str:
    """Return a picture of a whole run."""
    terminal = Terminal(directory, "new", "my-api", "--defaults", rows=60, PATH=_PATH, UV="")
    terminal.end()
    return _shown(terminal, directory, "--defaults")


def _shown(terminal: Terminal, directory: Path, *flags: str) -> str:
    svg = picture(terminal.styled, " ".join(["fastapi-scaffold new my-api", *flags]))
    return svg.replace(str(directory.resolve()), "~")


def main() -> None:
    """Write all pictures."""
    DIRECTORY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        pictures = wizard(Path(scratch))
        if "--wizard" not in sys.argv:
            pictures["report"] = report(Path(scratch))
    for name, svg in pictures.items():
        (DIRECTORY / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
