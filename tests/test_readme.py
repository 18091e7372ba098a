"""The README shows what the program does today."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import pytest

from fastapi_scaffold.asking.answers import usual
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.cli import EPILOG
from fastapi_scaffold.proving.practices import applicable, load_practices
from fastapi_scaffold.writing.template import template_root
from tests.console import CHECKOUT, environment
from tools.pictures import DIRECTORY, wizard
from tools.readme import README, insert, table

QUESTIONNAIRE = load_questionnaire(template_root())


# What is appended to a command that cannot be run as it stands, and why.
APPENDED = {
    "python3 -m venv .uv && .uv/bin/pip install --quiet uv && .uv/bin/uv run --quiet pytest": (
        "--collect-only -qq  # these tests are among them"
    ),
    "fastapi-scaffold new shop": "--defaults --no-verify  # nobody answers here, and the first command proves",
    "fastapi-scaffold add": "--no-verify  # `verify` proves, and other tests what is added",
    "fastapi-scaffold update my-api --ci": "--no-verify",
    "fastapi-scaffold update --database": "--no-verify",
    "fastapi-scaffold new billing": "--no-verify  # it needs a server",
    "fastapi-scaffold new other-api": "--no-verify",
}
# Everything else that a machine has; the interpreter of the tests is its Python.
TOOLS = "git sh env uname dirname basename cat rm sed grep ls mkdir cp mv sleep"


@dataclass(frozen=True)
class Line:
    """A command of the README, and what it says that this prints."""

    command: str
    printed: str = ""

    @property
    def run(self) -> str:
        """The command as it is run here."""
        bare = self.command.partition("  #")[0].rstrip()
        more = [more for start, more in APPENDED.items() if bare.startswith(start)]
        redirected, sign, file = bare.partition(" >")
        return " ".join([redirected, *(text.partition("  #")[0] for text in more)]) + sign + file


def lines(readme: str) -> list[Line]:
    """Return every command of every block, in order."""
    found = []
    for kind, block in re.findall(r"^```(\w+)$\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        if kind == "sh":
            found += [Line(line) for line in block.splitlines()]
        if kind == "console":
            found += [Line(*part.split("\n", 1)) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return found


class Machine:
    """Somebody's machine: Python and git, no uv, an empty home, and a clone of this repository."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clone = directory / "fastapi-scaffold"
        tools = directory / "bin"
        tools.mkdir()
        for name in TOOLS.split():
            (tools / name).symlink_to(str(shutil.which(name, path="/usr/bin:/bin")))
        (tools / "python3").symlink_to(os.path.join(sys.base_prefix, "bin", "python3"))  # noqa: PTH118 - a string
        (directory / "home").mkdir()
        shutil.copytree(CHECKOUT, self.clone, ignore=lambda _place, names: {*names} & NOT_IN_A_CLONE)
        for command in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *command], cwd=self.clone, check=True, env=environment())
        who = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        # How this network is reached, and the caches, which only spare it.
        kept = {name: value for name, value in os.environ.items() if name.startswith(("SSL_", "PIP_", "UV_CACHE"))}
        cache = os.environ.get("UV_CACHE_DIR") or os.path.expanduser("~/.cache/uv")  # noqa: PTH111
        self.environment = {**kept, **who, "UV_CACHE_DIR": cache, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        self.environment |= {"PATH": str(tools), "HOME": str(directory / "home"), "GIT_CONFIG_NOSYSTEM": "1"}

    def type(self, commands: Sequence[str], *more: str) -> list[str]:
        """Run `commands` in one shell, one after the other, and return what each prints; all must succeed."""
        outputs = [self.directory / f"output-{number}" for number in range(len(commands))]
        script = "".join(
            f"{{ {command}\n}} >{output} || {{ echo {shlex.quote(command)}; exit 1; }}\n"
            for command, output in zip(commands, outputs, strict=True)
        )
        done = subprocess.run(
            ["sh", "-c", "\n".join([*more, script])],
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = [output.read_text() for output in outputs if output.exists()]
        assert done.returncode == 0, "\n".join([done.stdout, done.stderr, printed[-1]])
        return printed


NOT_IN_A_CLONE = {".git", ".uv", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}


@pytest.mark.whole
def test_every_command_works_in_its_order_where_there_is_no_uv(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    commands = lines(README.read_text(encoding="utf-8"))
    assert commands
    printed = machine.type([line.run for line in commands])
    for line, output in zip(commands, printed, strict=True):
        # The id of a migration depends on the day and the answers.
        said, is_so = (re.sub(r"\d{4}-\d\d-\d\d_\w{8}_", "", text).strip() for text in (line.printed, output))
        assert is_so.startswith(said), line.command
    _follow(machine, printed[0])


def _follow(machine: Machine, report: str) -> None:
    """Do what the report of the first command says is next, in a new shell."""
    steps = re.search(r"^Next steps$\n(.*?)\n\n", report, re.MULTILINE | re.DOTALL)
    assert steps, report
    moved, *rest = [line.strip().partition("  #")[0] for line in steps[1].splitlines()]
    migrate, serve, add = rest
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/health')"
    again = f'until python3 -c "{asked}" 2>/dev/null; do n=$((n + 1)); [ $n -lt 60 ] || exit 1; sleep 1; done'
    machine.type(
        [
            moved,
            "git reset --quiet --hard",
            migrate,
            f"{serve} --port {port} & server=$!",
            again,
            add.replace("NAME FIELD:TYPE...", "supplier name:str") + " --no-verify",
        ],
        "n=0; trap 'kill $server' EXIT",
    )


def test_the_table_of_answers_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert insert(text, table(QUESTIONNAIRE)) == text, "Run `uv run python -m tools.readme`."


def test_the_pictures_of_the_wizard_are_current() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        pictures = wizard(Path(scratch))
    old = [name for name, svg in pictures.items() if (DIRECTORY / f"{name}.svg").read_text(encoding="utf-8") != svg]
    assert old == [], "Run `uv run python -m tools.pictures`."


def test_the_picture_of_the_report_names_every_group() -> None:
    shown = (DIRECTORY / "report.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    rows = applicable(load_practices(), QUESTIONNAIRE.capabilities(usual(QUESTIONNAIRE)))
    for group in {practice.group for practice in rows}:
        number = sum(practice.group == group for practice in rows)
        assert f"{number}/{number}" in shown, f"{group}: run `uv run python -m tools.pictures`."
    assert f"{len(rows)} practices proven" in shown


def test_every_picture_every_command_and_every_exit_code_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    assert {f"docs/{path.name}" for path in DIRECTORY.glob("*.svg")} == set(re.findall(r"\((docs/\S+\.svg)\)", text))
    for code, meaning in re.findall(r"^  (\d+) +(.+(?:\n {7}.+)*)", EPILOG, re.MULTILINE):
        assert f"| {code} | {' '.join(meaning.split())} |" in text
    shown = (CHECKOUT / "tests/commands/transcripts/program.txt").read_text(encoding="utf-8")
    commands = set(re.findall(r"^1\|   ([a-z]+)  ", shown, re.MULTILINE))
    assert commands == set(re.findall(r"^\| `([a-z]+)[ `]", text, re.MULTILINE))
