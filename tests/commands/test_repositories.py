"""`new` in directories that have a repository, a .gitignore or leftovers: what is committed, and what never can be."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console import Cli, environment, tree
from tests.terminal import CTRL_C, Terminal
from tests.updating.world import commit, git

SMALL = [".copier-answers.yml", ".env.example", ".gitignore", "README.md", "pyproject.toml"]

# ── repositories without files ────────────────────────────────────────────────────────────────────────────────────────


def clone(directory: Path) -> Path:
    """Clone an empty repository to `directory`, with a branch and settings of the user's."""
    remote = directory.parent / "remote.git"
    git(directory.parent, "init", "--quiet", "--bare", str(remote))
    git(directory.parent, "clone", "--quiet", str(remote), str(directory))
    git(directory, "symbolic-ref", "HEAD", "refs/heads/trunk")
    git(directory, "config", "user.name", "Ada")
    git(directory, "config", "user.email", "ada@example.org")
    return directory


@pytest.fixture
def litter(workplace: Path) -> Path:
    """Give a clone in which editors and systems have left something."""
    directory = clone(workplace / "x")
    for name in (".idea", ".vscode"):
        (directory / name).mkdir()
        (directory / name / "own.json").write_text("MINE")
    for name in (".DS_Store", "Thumbs.db"):
        (directory / name).write_text("MINE")
    return directory


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("here", [True, False], ids=["here", "by name"])
def test_a_clone_gets_the_project_as_its_first_commit(
    run: Cli, litter: Path, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if here:
        monkeypatch.chdir(litter)
    (litter / "staged").write_text("MINE")
    git(litter, "add", "--force", "staged", ".vscode/own.json")
    (litter / "staged").unlink()
    config = (litter / ".git/config").read_text()
    assert run("new", "." if here else "x", "-y", "--no-verify").code == 0
    assert git(litter, "ls-tree", "-r", "--name-only", "HEAD").split() == SMALL
    assert git(litter, "log", "--format=%an %D").strip() == "Ada HEAD -> trunk"
    assert (litter / ".git/config").read_text() == config
    assert (litter / ".vscode/own.json").read_text() == "MINE"
    # What was staged is as it was.
    assert git(litter, "diff", "--staged", "--name-only").split() == [".vscode/own.json", "staged"]


@pytest.mark.usefixtures("small_template", "practices", "fake_uv")
def test_the_lock_file_of_the_proof_is_committed_in_a_clone(run: Cli, litter: Path) -> None:
    run("new", "x", "-y")
    assert git(litter, "ls-files").split() == [*SMALL, "uv.lock"]


@pytest.mark.usefixtures("small_template")
def test_litter_without_a_repository_is_not_committed(run: Cli, workplace: Path) -> None:
    (workplace / ".vscode").mkdir()
    (workplace / ".vscode/own.json").write_text("MINE")
    assert run("new", ".", "-y", "--no-verify").code == 0
    assert git(workplace, "ls-files").split() == SMALL
    assert git(workplace, "status", "--porcelain").strip() == "?? .vscode/"


@pytest.mark.usefixtures("small_template")
def test_a_worktree_without_files(run: Cli, workplace: Path) -> None:
    origin = workplace / "origin"
    git(workplace, "init", "--quiet", "origin")
    commit(origin, "first")
    git(origin, "worktree", "add", "--quiet", "../x")
    before = git(origin, "for-each-ref")
    report = json.loads(run("new", "x", "-y", "--no-verify", "--json").out)
    assert report["notes"] == ["There are commits in the repository already: this one is left to you."]
    assert (git(origin, "for-each-ref"), (workplace / "x/.git").is_file()) == (before, True)
    assert git(workplace / "x", "status", "--porcelain").split() == [part for name in SMALL for part in ("??", name)]
    # A branch of its own that has no commit yet.
    git(origin, "worktree", "add", "--quiet", "--detach", "../y")
    git(workplace / "y", "symbolic-ref", "HEAD", "refs/heads/other")
    assert run("new", "y", "-y", "--no-verify").code == 0
    assert git(origin, "ls-tree", "-r", "--name-only", "other").split() == SMALL
    assert git(origin, "rev-list", "--count", "other").strip() == "1"


@pytest.mark.usefixtures("small_template")
def test_hooks_of_the_users_template_are_theirs(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = workplace.parent / "template/hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "post-commit", "commit-msg", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {workplace.parent}/hooked\nexit 1\n")
        (hooks / name).chmod(0o755)
    config = workplace.parent / "gitconfig"
    config.write_text(f"[init]\n templateDir = {hooks.parent}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    git(workplace, "init", "--quiet", "x")
    assert (workplace / "x/.git/hooks/pre-commit").exists()
    for name in ("x", "y"):
        assert run("new", name, "-y", "--no-verify").code == 0
        assert git(workplace / name, "ls-files").split() == SMALL
    assert not (workplace.parent / "hooked").exists()
    assert (workplace / "x/.git/hooks/pre-commit").exists()


@pytest.mark.usefixtures("small_template")
def test_what_this_machine_ignores_is_committed_all_the_same(run: Cli, workplace: Path) -> None:
    (clone(workplace / "x") / ".git/info/exclude").write_text("*.md\n")
    assert run("new", "x", "-y", "--no-verify").code == 0
    assert git(workplace / "x", "ls-files").split() == SMALL


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("broken", ["gitdir: /nowhere\n", None], ids=["file", "directory"])
def test_a_broken_repository_is_left_alone(run: Cli, workplace: Path, broken: str | None) -> None:
    (workplace / "x").mkdir()
    (workplace / "x/.git").write_text(broken) if broken else (workplace / "x/.git").mkdir()
    result = run("new", "x", "-y", "--no-verify")
    assert (result.code, tree(workplace)) == (1, ["x", "x/.git"])
    assert "hint: Mend or remove <tmp>/x/.git." in result.err


@pytest.mark.usefixtures("small_template")
def test_without_git_a_clone_is_filled_and_nothing_is_committed(run: Cli, litter: Path) -> None:
    assert run("new", "x", "-y", "--no-verify", "--no-git").code == 0
    assert git(litter, "status", "--porcelain", "--", "README.md").strip() == "?? README.md"


def test_the_wizard_takes_a_clone_as_it_is(litter: Path, tmp_path: Path) -> None:
    terminal = Terminal(litter, "new", ".", "--no-verify")
    terminal.expect("How do you want to begin?")
    terminal.type(CTRL_C)
    assert terminal.end() == 130


# ── leftovers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

KILLED = """
import os, signal, sys
import fastapi_scaffold.writing.engine

def render(answers, destination):
    (destination / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

fastapi_scaffold.writing.engine.render = render
from fastapi_scaffold.__main__ import main
sys.argv[1:] = ["new", sys.argv[1], "-y", "--no-verify"]
main()
"""


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("there", [True, False], ids=["a directory", "nothing"])
def test_a_run_that_was_killed_does_not_stop_the_next_one(run: Cli, workplace: Path, there: bool) -> None:
    if there:
        (workplace / "x").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "x"], cwd=workplace, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert [path for path in tree(workplace) if path.endswith("half")]
    assert run("new", "x", "-y", "--no-verify").code == 0
    assert [path for path in tree(workplace) if ".tmp" in path] == []
    assert git(workplace / "x", "status", "--porcelain") == ""


@pytest.mark.usefixtures("small_template")
def test_what_was_left_before_it_was_locked_goes_when_it_is_old(run: Cli, workplace: Path) -> None:
    (workplace / "x").mkdir()
    old, young = (workplace / "x" / f".x.0000000{number}.new" for number in range(2))
    for path in (old, young):
        path.mkdir()
    os.utime(old, (0, 0))
    assert run("new", "x", "-y", "--no-verify").code == 0
    assert (old.exists(), young.exists()) == (False, True)


WHILE_MOVING = """
import os, signal, sys
import fastapi_scaffold.writing.staging as staging

move = staging._move_into

def killed(source, target, replaced, moved):
    (source / "README.md").rename(target / "README.md")
    os.kill(os.getpid(), signal.SIGKILL)

staging._move_into = killed
from fastapi_scaffold.__main__ import main
sys.argv[1:] = ["new", sys.argv[1], "-y", "--no-verify"]
main()
"""


@pytest.mark.usefixtures("small_template")
def test_what_a_run_that_was_killed_has_moved_is_named(run: Cli, workplace: Path) -> None:
    (workplace / "x").mkdir()
    command = [sys.executable, "-c", WHILE_MOVING, "x"]
    done = subprocess.run(command, cwd=workplace, env=environment(), capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    result = run("new", "x", "-y", "--no-verify")
    (rest,) = (workplace / "x").glob(".x.*.tmp")
    assert (result.code, rest.name in result.err.partition("hint: Remove ")[2]) == (2, True)
    assert "a run that was killed has moved a part of its project there" in result.err
    shutil.rmtree(rest)
    (workplace / "x/README.md").unlink()
    assert run("new", "x", "-y", "--no-verify").code == 0


# ── what git must not see ─────────────────────────────────────────────────────────────────────────────────────────────

IGNORING: dict[str, bytes | None] = {
    "none": None,
    "empty": b"",
    "unrelated": b"*.pyc\n/build\n",
    "no final newline": b"*.pyc",
    "windows": b"*.pyc\r\nnode_modules/\r\n",
    "negated": b".env\n!.env\n*.db\n!*.db\n!.venv/\n",
    "all but some": b"*\n!*/\n!.env\n!.gitignore\n",
    "some": b".env\n.venv\n",
    "commented": b"# .env\n\\#.env\n.env \\ \n",
    "a directory": b".env/\n.venv/x/y\n",
    "rooted": b"/.env\n/.venv\n/*.db\n",
    "a byte order mark": b"\xef\xbb\xbf.env\n",
    "elsewhere": b"deep/.env\n",
}
SECRETS = (".env", ".venv/lib/x.py", "app.db", "app.db-wal")
WAYS = {"merge": ["--on-existing", "merge"], "overwrite": ["--on-existing", "overwrite"]}


@pytest.mark.parametrize("ignoring", IGNORING)
def test_nothing_secret_can_be_committed(run: Cli, workplace: Path, small_template: Path, ignoring: str) -> None:
    """Whatever .gitignore there is: of the directory, of one around it, or of nobody but this machine."""
    content = IGNORING[ignoring]
    (small_template / "template/.gitignore").write_text(".env\n.venv/\n*.db\n*.db-wal\n")
    for way, nested, more in (("merge", False, []), ("overwrite", True, []), ("merge", True, ["--no-git"])):
        root = workplace / f"{way}-{nested}"
        project = root / "services/x" if nested else root
        project.mkdir(parents=True)
        git(root, "init", "--quiet")
        (root / ".git/info/exclude").write_text(".env\n.venv\n*.db*\n")
        for directory in {root, project}:
            (directory / "README.md").write_text("MINE\n")
            if content is not None:
                (directory / ".gitignore").write_bytes(content)
        git(root, "add", "--all", "--force")
        result = run("new", str(project), "-y", "--no-verify", *WAYS[way], *more)
        assert result.code == 0, result.err
        after = (project / ".gitignore").read_bytes()
        assert after.startswith(content or b"")
        assert (b"\r\n" in after) is (ignoring == "windows")
        for name in SECRETS[1:]:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text("x")
        # As on another machine.
        (root / ".git/info/exclude").unlink()
        git(root, "add", "--all")
        staged = git(root, "diff", "--staged", "--name-only").splitlines() + git(root, "ls-files").splitlines()
        assert [name for name in staged if name.endswith(SECRETS)] == []


def test_a_gitignore_that_does_already_is_not_touched(run: Cli, workplace: Path) -> None:
    lines = ".env*\n!.env.example\n.venv\n__pycache__\n.*_cache/\n.coverage*\ndist\n*.db*\n"
    (workplace / "x").mkdir()
    (workplace / "x/.gitignore").write_text(lines)
    report = json.loads(run("new", "x", "-y", "--no-verify", "--on-existing", "merge", "--json").out)
    files = {file["path"]: file["action"] for file in report["files"]}
    assert files[".gitignore"] == "identical"
    assert (workplace / "x/.gitignore").read_text() == lines


def test_secrets_of_the_user_stay_ignored_where_files_are_replaced(run: Cli, workplace: Path) -> None:
    git(workplace, "init", "--quiet", "x")
    (workplace / "x/.gitignore").write_text("mine.key\n")
    (workplace / "x/.gitignore").chmod(0o600)
    (workplace / "x/mine.key").write_text("MINE")
    assert run("new", "x", "-y", "--no-verify", "--on-existing", "overwrite").code == 0
    git(workplace / "x", "add", "--all")
    assert "mine.key" not in git(workplace / "x", "ls-files").split()
    assert (workplace / "x/.gitignore").stat().st_mode & 0o777 == 0o600


def test_without_git_on_the_machine_the_lines_are_added(
    run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (workplace / "x").mkdir()
    (workplace / "x/.gitignore").write_text(".venv/\nmine\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("new", "x", "-y", "--no-verify", "--no-git", "--on-existing", "merge").code == 0
    lines = (workplace / "x/.gitignore").read_text().splitlines()
    assert (lines[:3], lines.count(".venv/")) == ([".venv/", "mine", ".env"], 1)


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("left", [".env", "", None], ids=["there", "deleted", "deleted with the directory"])
def test_secrets_that_git_has_stop_everything(run: Cli, workplace: Path, left: str | None) -> None:
    merge = WAYS["merge"] if left else []
    git(workplace, "init", "--quiet")
    (workplace / "x").mkdir()
    (workplace / "x/.env").write_text("KEY=1\n")
    git(workplace, "add", "--all")
    if not left:
        (workplace / "x/.env").unlink()
    if left is None:
        (workplace / "x").rmdir()
    before = tree(workplace / "x")
    result = run("new", "x", "-y", "--no-verify", *merge)
    assert (result.code, tree(workplace / "x")) == (2, before)
    command = result.err.partition("itself stays: ")[2].replace("<tmp>", str(workplace))
    subprocess.run(command, shell=True, check=True, capture_output=True, env=environment())
    assert run("new", "x", "-y", "--no-verify", *merge).code == 0


def test_the_way_a_project_becomes_commits_needs_no_guessing(
    run: Cli, workplace: Path, fake_uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`new --no-verify`, then each next step."""
    assert run("new", "x", "-y", "--no-verify").code == 0
    monkeypatch.chdir(workplace / "x/app")
    steps = json.loads(run("verify", "--json").out)["next_steps"]
    refused = run("add", "customer", "name:str", "--no-verify")
    assert refused.code == 1
    (proposed,) = (line for line in refused.err.splitlines() if line.startswith("hint: "))
    assert proposed == f"hint: Commit it: {steps[0]}"
    command = steps[0].replace("<tmp>", str(workplace))
    who = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(command, shell=True, check=True, capture_output=True, env=environment(**who), cwd=os.getcwd())  # noqa: PTH109
    # From a directory of the project, all commands.
    for command in (["add", "customer", "name:str"], ["remove", "customer"], ["update", "--ci", "none"]):
        result = run(*command, "--no-verify", "--json")
        assert (result.code, json.loads(result.out).get("project")) == (0, "<tmp>/x"), result.out
        commit(workplace / "x")
