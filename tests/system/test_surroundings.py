"""Where the program runs: streams that are closed or full, odd terminals, no home directory, others at work."""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_scaffold import cli
from fastapi_scaffold.asking.personal import config_file, last_answers_file, save_last_answers
from fastapi_scaffold.writing import engine
from tests.console import Cli, environment, tree
from tests.terminal import CTRL_C, DOWN, Terminal

START = "How do you want to begin?"
PROGRAM = f"{sys.executable} -m fastapi_scaffold"
ERROR = 'error: There is no practice "nosuch".\n\nhint: List them with `fastapi-scaffold practices`.\n'


def shell(command: str, directory: Path, **changes: str | None) -> tuple[int, str, str]:
    done = subprocess.run(
        ["bash", "-c", command.replace("PROGRAM", PROGRAM)],
        cwd=directory,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


# ── streams ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "code", "err"),
    [
        ("PROGRAM practices >&-", 0, ""),
        ("PROGRAM practices nosuch >&-", 2, ERROR),
        ("PROGRAM practices nosuch 2>&-", 2, ""),
        ("PROGRAM practices nosuch --json >&- 2>&-", 2, ""),
        ("PROGRAM new x -y --dry-run >&- 2>&- <&-", 0, ""),
        ("PROGRAM new x -y --dry-run --answers - <&-", 2, "error: standard input has no answers in it.\n\nhint: "),
        ("PROGRAM practices nosuch 2>/dev/full", 2, ""),
    ],
)
def test_closed(tmp_path: Path, command: str, code: int, err: str) -> None:
    result = shell(command, tmp_path)
    assert (result[0], result[2][: len(err) or None]) == (code, err)


@pytest.mark.parametrize("command", ["--help", "--version", "info", "info --json", "practices", "questions --json"])
def test_a_full_disk(tmp_path: Path, command: str) -> None:
    code, _, err = shell(f"PROGRAM {command} >/dev/full", tmp_path)
    said = (
        "error: The output cannot be written: No space left on device.\n\nhint: Look at where standard output goes.\n"
    )
    assert (code, err) == (1, said)


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ("--dry-run", "Nothing was written."),
        ("--no-verify", "Created {}/x: not proven, because of --no-verify."),
        ("--no-verify --json", "Created {}/x: not proven, because of --no-verify."),
        ("--no-verify --quiet", "Created {}/x: not proven, because of --no-verify."),
    ],
)
def test_what_was_done_is_said_where_the_report_cannot_be(tmp_path: Path, options: str, outcome: str) -> None:
    code, _, err = shell(f"PROGRAM new x -y {options} >/dev/full", tmp_path)
    cause, _, hint = err.partition("error: ")[2].partition("\n\n")
    assert (code, hint) == (1, "hint: Look at where standard output goes.\n")
    assert cause.startswith("The output cannot be written: No space left on device.\n")
    assert cause.endswith(outcome.format(tmp_path))


@pytest.mark.parametrize("command", ["practices", "questions", "questions --json", "new x -y --dry-run"])
def test_a_reader_that_leaves(tmp_path: Path, command: str) -> None:
    code, out, err = shell(f"PROGRAM {command} | head -n 1; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (code in {0, 1}, out.count("\n"), err) == (True, 1, "")


def test_the_directory_we_are_in_is_gone(tmp_path: Path) -> None:
    gone = f"mkdir gone && cd gone && rmdir {tmp_path}/gone &&"
    code, out, err = shell(f"{gone} PROGRAM new {tmp_path}/x -y --no-verify", tmp_path)
    assert (code, err.startswith(f"Created {tmp_path}/x with ")) == (0, True), err
    assert f"  cd {tmp_path}/x\n" in out
    assert shell(f"{gone} PROGRAM verify {tmp_path}/x/nowhere", tmp_path)[0] == 2


@pytest.mark.parametrize("command", [["verify"], ["update"], ["add", "vendor", "name:str", "-p"]], ids=lambda it: it[0])
def test_a_project_whose_name_is_too_long(run: Cli, command: list[str]) -> None:
    result = run(*command, "x" * 300)
    assert result.code == 2
    assert " is not a fastapi-scaffold project: " in result.err


@pytest.mark.usefixtures("small_template")
def test_an_error_that_is_not_of_the_output_is_not_called_one(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("fastapi_scaffold.commands.practices.load_practices", fail)
    assert run("practices").err.startswith("error: OSError: [Errno 5] Input/output error\n")


@pytest.mark.parametrize("place", ["new", "deeper/new", "empty"])
def test_a_file_system_for_reading_only(tmp_path: Path, place: str) -> None:
    """The preview says what the real run says."""
    mount = "mount -t tmpfs tmpfs . && cd . && mkdir empty && mount -o remount,ro ."
    unshare = f"unshare --mount {'' if os.geteuid() == 0 else '--user --map-root-user'} sh -c"
    if shell(f"{unshare} 'cd {tmp_path} && {mount}'", tmp_path)[0] != 0:
        pytest.skip("this machine lets nobody mount a file system")
    said = f"error: {tmp_path}/{place} cannot be written: Read-only file system. Nothing was changed.\n"
    for more in ("--no-verify", "--dry-run", "--diff", "--json"):
        run = f"PROGRAM new {tmp_path}/{place} -y {more}"
        code, out, err = shell(f"{unshare} 'cd {tmp_path} && {mount}; cd / && {run}'", tmp_path)
        assert (code, said.removesuffix("\n") in err or said[7:-1] in out) == (1, True), (more, out, err)


# ── terminals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("columns", ["0", "1", "-5", "x", ""])
@pytest.mark.parametrize("arguments", [["practices"], ["practices", "nosuch"], ["questions"]], ids=" ".join)
def test_odd_widths(tmp_path: Path, arguments: list[str], columns: str) -> None:
    terminal = Terminal(tmp_path, *arguments, COLUMNS=columns)
    assert terminal.end() == (2 if "nosuch" in arguments else 0)
    assert "This is a bug" not in terminal.words


def test_a_terminal_without_a_size(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x")
    terminal.expect(START)
    terminal.resize(0, 0)
    terminal.type(DOWN)
    terminal.expect("❯ 2) Customize")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


def test_a_terminal_that_cannot_draw_is_not_asked_on(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", TERM="dumb")
    assert terminal.end() == 2
    assert terminal.words.startswith("error: There is no answer to: --description TEXT")
    assert "hint: TERM is dumb, and such a terminal cannot show questions. Use these options, or" in terminal.words
    assert "\x1b" not in terminal.raw


def test_for_json_nothing_is_asked_on_any_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "new", "x", "--json")
    assert terminal.end() == 2
    assert '"hint": "With --json nothing is asked. Use these options, or' in terminal.raw


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1", "TERM": "xterm"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
    ids=["plain", "forced", "both"],
)
def test_colour_in_a_pipe(tmp_path: Path, settings: dict[str, str], coloured: bool) -> None:
    _, out, err = shell("PROGRAM practices; PROGRAM practices nosuch", tmp_path, **settings)
    assert ("\x1b[1m" in out, "\x1b[1;31merror:" in err) == (coloured, coloured)
    # Whatever the colours, lines are for programs: none is broken.
    assert "Group code by domain, not by file type\n" in out.replace("\x1b[0m", "")


def test_errors_have_colour_on_a_terminal(tmp_path: Path) -> None:
    for name, value, coloured in (("TERM", "xterm", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)):
        terminal = Terminal(tmp_path, "practices", "nosuch", **{name: value})  # ty: ignore[invalid-argument-type]
        assert terminal.end() == 2
        assert ("\x1b[1;31merror:" in terminal.raw) is coloured
        assert terminal.words.startswith('error: There is no practice "nosuch".')


@pytest.mark.usefixtures("fake_uv")
def test_steps_are_lines_where_the_terminal_cannot_draw(
    tmp_path: Path, project: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = project("def test_it():\n    pass\n")
    monkeypatch.setenv("FAKE_UV_LINT", f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    terminal = Terminal(directory.parent, "verify", "app", TERM="dumb")
    # While the second still runs.
    terminal.expect("✓ install")
    assert "lint" not in terminal.words
    (tmp_path / "go").touch()
    terminal.end()
    # The report that follows is longer than the screen.
    assert terminal.raw.index("✓ install") < terminal.raw.index("✓ lint") < terminal.raw.index("✓ test")


@pytest.mark.usefixtures("fake_uv")
def test_steps_are_seen_while_they_run(
    workplace: Path, project: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    project("def test_it():\n    pass\n")
    monkeypatch.setenv("FAKE_UV_LINT", f"touch {workplace}/started; sleep 30")
    terminal = Terminal(workplace, "verify", "app")
    terminal.expect("✓ install", "▸ lint")
    # The time runs.
    while len(set(re.findall(r"▸ lint +([\d.]+) s", terminal.raw))) < 3:
        assert terminal._read(5)
    terminal.type(CTRL_C)
    assert terminal.end() == 130
    assert terminal.screen.endswith("Cancelled, the project was not changed.\n")


@pytest.mark.usefixtures("fake_uv")
def test_stopped_while_uv_installs(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_UV_SYNC", f"touch {workplace}/started; sleep 30; touch {workplace}/survived")
    terminal = Terminal(workplace, "new", "x", "-y")
    terminal.expect("Created x with", "▸ install")
    terminal.type(CTRL_C)
    assert terminal.end() == 130
    assert "Cancelled, x was created but not proven. hint: Prove it with: fastapi-scaffold verify x" in terminal.words
    assert not (workplace / "survived").exists()


# ── files of the user ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Cli) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    # As it is for a number that is not in /etc/passwd.
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    assert (config_file().parts[0], last_answers_file().parts[0]) == ("/", "/")
    assert run("info").code == 0
    assert tree(tmp_path) == ["work"]


def test_relative_directories_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert config_file() == tmp_path / ".config/fastapi-scaffold/config.toml"
    assert last_answers_file() == tmp_path / ".cache/fastapi-scaffold/last-answers.json"


@pytest.mark.usefixtures("small_template")
def test_directories_that_cannot_be_written_or_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Cli) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    save_last_answers({"database": "none"})
    assert run("new", "x", "-y", "--no-verify").code == 0


def test_info_does_not_name_the_user(monkeypatch: pytest.MonkeyPatch, run: Cli) -> None:
    from fastapi_scaffold.writing.template import template_root

    monkeypatch.setenv("HOME", str(template_root().parent))
    assert str(template_root().parent) not in run("info").out


# ── others at work ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_another_run_was_quicker(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    render = engine.render
    if there:
        (workplace / "x").mkdir()

    def render_while_another_does(answers: dict[str, str], destination: Path) -> None:
        monkeypatch.setattr(engine, "render", render)
        if there:
            # It began before this one was at work, so it saw an empty directory.
            staging = destination.rename(workplace / "aside")
            assert cli.run(["new", "x", "-y", "-q", "--no-verify", "--settings", "single"]) == 0
            staging.rename(destination)
        else:
            assert cli.run(["new", "x", "-y", "-q", "--no-verify", "--settings", "single"]) == 0
        render(answers, destination)

    monkeypatch.setattr(engine, "render", render_while_another_does)
    result = run("new", "x", "-y", "--no-verify")
    assert (result.code, result.err) == (
        2,
        "error: <tmp>/x is not empty. Nothing was changed.\n\n"
        "hint: Choose another directory, or say with --on-existing what is to happen.\n",
    )
    assert "settings: single" in (workplace / "x" / ".copier-answers.yml").read_text()
    assert [name for name in tree(workplace) if ".tmp" in name] == []
    done = subprocess.run(["git", "status", "--porcelain"], cwd=workplace / "x", capture_output=True, check=True)
    assert done.stdout == b""


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_two_at_once(workplace: Path, there: bool) -> None:
    if there:
        (workplace / "x").mkdir()
    both = "PROGRAM new x -y --no-verify -q & A=$!; PROGRAM new x -y --no-verify -q & B=$!"
    _, out, err = shell(f"{both}; wait $A; echo $?; wait $B; echo $?", workplace)
    codes = sorted(line for line in out.splitlines() if line.isdigit())
    assert codes == ["0", "2"], (out, err)
    assert [name for name in tree(workplace) if ".tmp" in name] == []
    subprocess.run(["git", "fsck", "--strict"], cwd=workplace / "x", capture_output=True, check=True)
