"""Stopped at any moment, the project is as before or completely updated."""

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fastapi_scaffold.updating import apply, transaction
from tests.console import environment
from tests.updating.packages import publish
from tests.updating.world import World, commit, edited, git, put, snapshot

SIGNALS = pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda it: it.name)


@pytest.fixture
def waiting(world: World) -> World:
    """Give a project of which many files change, come and go."""
    world.release("1.0.0", {f"app/{number}.txt": f"{number}\n" * 50 for number in range(40)})
    world.new()
    world.edit({"app/own.txt": "MINE\n", "a.txt": edited(15, "MINE"), ".env": "MINE\n"})
    later = {f"app/{number}.txt": f"{number}\n" * 50 + "more\n" for number in range(20)}
    world.release("2.0.0", later | {f"new/{number}.txt": "new\n" for number in range(20)} | {"a.txt": edited(15, "x")})
    return world


def state(project: Path) -> object:
    """Return what must be one of two things: the files, and what git says of them."""
    files = {name: found for name, found in snapshot(project).items() if not name.startswith(".git/index")}
    return files, git(project, "status", "--porcelain", "--untracked-files=all")


@pytest.mark.whole
@SIGNALS
def test_killed_at_random(waiting: World, number: signal.Signals) -> None:
    kill(waiting, number, 8)


@pytest.mark.slow
@SIGNALS
def test_killed_two_hundred_times(waiting: World, number: signal.Signals) -> None:
    kill(waiting, number, 67)


def kill(waiting: World, number: signal.Signals, times: int) -> None:
    """Kill updates at random moments; they lie closest where the files are moved."""
    project = waiting.project
    package = publish(waiting.place / "site", {}, template_from=waiting.package)
    command = [sys.executable, "-m", "fastapi_scaffold", "update", "--no-verify"]
    before = state(project)
    started = time.monotonic()
    run = subprocess.run(command, cwd=project, env=environment(PYTHONPATH=str(package)), check=False)
    duration = time.monotonic() - started
    assert run.returncode == 4
    after = state(project)
    seen = {"before": 0, "after": 0}
    choose = random.Random()
    for attempt in range(times):
        git(project, "restore", "--source=HEAD", "--staged", "--worktree", "--", ".")
        assert state(project) == before
        child = subprocess.Popen(
            command,
            cwd=project,
            env=environment(PYTHONPATH=str(package)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if attempt % 2 == 0:
            time.sleep((attempt + choose.random()) / times * duration)
        else:
            wait_for(project / ".git" / apply._STAGING, child)
            time.sleep(choose.random() * 0.1)
        child.send_signal(number)
        child.wait()
        wait_until_settled(project)
        found = state(project)
        assert found in (before, after)
        seen["before" if found == before else "after"] += 1
        assert not (project / ".git" / "index.lock").exists()
    assert seen["before"], seen
    # And the next one is none the worse for it.
    if state(project) == before:
        assert waiting.update().code == 4
        assert not (project / ".git" / apply._STAGING).exists()


def wait_for(path: Path, child: "subprocess.Popen[bytes]") -> None:
    while not path.exists() and child.poll() is None:
        time.sleep(0.001)


def wait_until_settled(project: Path) -> None:
    """Wait until the program that moves the files has ended: it outlives the one that was killed, with its lock."""
    descriptor = os.open(project / ".git", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


class PowerCut(BaseException):
    """The end of everything, also of what would put things back."""


def cut_after(count: int, patch: pytest.MonkeyPatch) -> None:
    """Let the power fail after so many changes of the file system."""
    left = [count]

    def counted(original):
        def call(*arguments, **options):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return original(*arguments, **options)

        return call

    for name in ("link", "rename", "mkdir", "makedirs"):
        patch.setattr(transaction.os, name, counted(getattr(os, name)))
    for name in ("replace", "rmdir"):
        patch.setattr(transaction.Path, name, counted(getattr(Path, name)))
    # Nothing is put back when the power has failed.
    patch.setattr(transaction, "roll_back", lambda _staging: None)


def test_the_power_fails_after_each_step(waiting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next update finds what was left, and puts everything back before it looks at anything else."""
    project = waiting.project
    before = state(project)
    move = apply._move
    steps = 0
    while True:
        with pytest.MonkeyPatch.context() as patch:

            def cut(staging: Path, steps: int = steps) -> None:
                with pytest.MonkeyPatch.context() as inner:
                    cut_after(steps, inner)
                    transaction.make_moves(staging)

            patch.setattr(apply, "_move", cut)
            patch.setattr(apply.shutil, "rmtree", lambda *_arguments, **_options: None)
            try:
                code = waiting.run("--no-verify").code
            except PowerCut:
                code = None
        if code == 4 or git(project, "ls-files", "--unmerged"):
            break
        # Anything that looks at the project first puts it in order.
        monkeypatch.setattr(apply, "_move", lambda _staging: (_ for _ in ()).throw(OSError(28, "No space left")))
        assert waiting.run("--no-verify").code == 1
        monkeypatch.setattr(apply, "_move", move)
        assert state(project) == before
        assert not (project / ".git" / "index.lock").exists()
        # Most steps are alike.
        steps += 1 if steps < 6 else 7
    assert steps > 60


def test_something_new_where_an_old_file_has_to_come_back(waiting: World) -> None:
    """After a power cut the user goes on working, in a file that is not back yet."""
    project = waiting.project
    with pytest.MonkeyPatch.context() as patch:

        def cut(staging: Path) -> None:
            with pytest.MonkeyPatch.context() as inner:
                cut_after(30, inner)
                transaction.make_moves(staging)

        patch.setattr(apply, "_move", cut)
        patch.setattr(apply.shutil, "rmtree", lambda *_arguments, **_options: None)
        with pytest.raises(PowerCut):
            waiting.run("--no-verify")
    missing = next(path for path in git(project, "ls-files", "app").splitlines() if not (project / path).exists())
    put(project, {missing: "MINE, since then\n"})
    result = waiting.run("--no-verify")
    assert result.code == 1
    staging = project / ".git" / apply._STAGING
    assert result.err == (
        "error: An update was interrupted and cannot be undone, because something new is in the place of:"
        f" {missing}\n\nhint: Move that away and update again. What was there before is in {staging / 'old'}\n"
    )
    assert waiting.read(missing) == "MINE, since then\n"
    assert waiting.run("--no-verify").code == 1
    shutil.move(project / missing, waiting.place / "kept.txt")
    assert waiting.run("--no-verify", "--json").code == 4
    assert (waiting.place / "kept.txt").read_text() == "MINE, since then\n"


def test_the_undo_command_undoes_everything(waiting: World) -> None:
    before = state(waiting.project)
    result = waiting.update("--json")
    report = json.loads(result.out)
    assert report["conflicts"] == ["a.txt"]
    subprocess.run(["sh", "-c", report["undo"]], check=True)
    assert state(waiting.project) == before


def test_an_interrupted_update_is_not_taken_up_by_a_preview(waiting: World) -> None:
    (waiting.project / ".git" / apply._STAGING).mkdir()
    assert waiting.update("--dry-run").code == 4
    assert (waiting.project / ".git" / apply._STAGING).exists()
    commit(waiting.project)
    assert waiting.update().code == 4
    assert not (waiting.project / ".git" / apply._STAGING).exists()
