"""What would happen: --dry-run and --diff; and what happens where there are files already: --on-existing."""

import json
import subprocess
from pathlib import Path

import pytest

from fastapi_scaffold import __version__
from tests.console import Cli, tree

pytestmark = pytest.mark.usefixtures("small_template")
COMMAND = ("new", "x", "-y", "--no-verify", "--python-version", "3.11")


@pytest.fixture
def taken(workplace: Path) -> Path:
    """Return a directory with a file that is different, one that is the same, and one that is none of ours."""
    directory = workplace / "x"
    directory.mkdir()
    (directory / "README.md").write_text("mine\n")
    (directory / ".gitignore").write_text(".env\n.venv\n")
    (directory / "mine.txt").write_text("mine\n")
    return directory


def actions(run: Cli, *arguments: str) -> dict[str, str]:
    result = run(*COMMAND, *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return {file["path"]: file["action"] for file in json.loads(result.out)["files"]}


def test_dry_run(run: Cli, workplace: Path) -> None:
    result = run(*COMMAND, "--dry-run")
    assert (result.code, result.err) == (0, "")
    assert "6 new files. Nothing was written." in result.out
    assert tree(workplace) == []


def test_diff_is_a_patch_that_makes_the_project_but_for_its_secrets(run: Cli, workplace: Path) -> None:
    result = run(*COMMAND, "--diff", "--json")
    report = json.loads(result.out)
    assert (result.code, report["dry_run"]) == (0, True)
    assert tree(workplace) == []
    (workplace / "patched").mkdir()
    patch = report["diff"].replace("<version>", __version__)
    subprocess.run(["git", "apply", "-"], cwd=workplace / "patched", input=patch.encode(), check=True)
    run(*COMMAND, "--no-git")
    (workplace / "x" / ".env").unlink()
    assert tree(workplace / "patched") == tree(workplace / "x")
    for name in tree(workplace / "x"):
        assert (workplace / "patched" / name).read_text() == (workplace / "x" / name).read_text()
    assert "SECRET_KEY=\n" in report["diff"]


@pytest.mark.parametrize("policy", ["merge", "overwrite"])
def test_the_preview_says_what_is_then_done(run: Cli, taken: Path, policy: str) -> None:
    before = {name: (taken / name).read_text() for name in tree(taken)}
    foreseen = actions(run, "--on-existing", policy, "--dry-run")
    assert {name: (taken / name).read_text() for name in tree(taken)} == before
    assert foreseen[".gitignore"] == "identical"
    assert foreseen["README.md"] == {"merge": "keep", "overwrite": "replace"}[policy]
    assert actions(run, "--on-existing", policy) == foreseen


def test_merge_keeps_what_is_there(run: Cli, taken: Path) -> None:
    result = run(*COMMAND, "--on-existing", "merge")
    assert result.code == 0
    assert result.err == "Merged into x: 6 files (4 create, 1 keep, 1 identical)\n"
    assert "\nMerged into <tmp>/x: not proven, because of --no-verify.\n" in result.out
    assert "\nYour files and the project's go together: committing is left to you.\n" in result.out
    assert "--on-existing merge" in result.out
    assert (taken / "README.md").read_text() == "mine\n"
    assert tree(taken) == [
        ".copier-answers.yml", ".env", ".env.example", ".gitignore", "README.md", "mine.txt", "pyproject.toml",
    ]  # fmt: skip


def test_overwrite_replaces_what_has_the_same_name_and_says_so(run: Cli, taken: Path) -> None:
    (taken / ".env").write_text("KEY=mine\n")
    diff = run(*COMMAND, "--on-existing", "overwrite", "--diff").out
    assert "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-mine\n+# x\n" in diff
    assert "replace    README.md  (yours is different and will be lost)" in run(
        *COMMAND, "--on-existing", "overwrite", "--dry-run"
    ).out  # fmt: skip
    assert run(*COMMAND, "--on-existing", "overwrite").code == 0
    assert (taken / "README.md").read_text() == "# x\n"
    assert (taken / "mine.txt").read_text() == "mine\n"
    assert (taken / ".env").read_text() == "KEY=mine\n"


def test_rename_takes_the_next_free_name(run: Cli, workplace: Path, taken: Path) -> None:
    (workplace / "x-2").touch()
    assert run(*COMMAND, "--on-existing", "rename").code == 0
    assert (workplace / "x-3" / "README.md").read_text() == "# x-3\n"
    assert sorted(tree(taken)) == [".gitignore", "README.md", "mine.txt"]


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("here", [".", "..", "../work"])
def test_rename_of_where_we_are(run: Cli, tmp_path: Path, here: str) -> None:
    assert run("new", here, "--project-name", "pp", *COMMAND[2:], "--on-existing", "rename").code == 0
    free = tmp_path.with_name(f"{tmp_path.name}-2") if here == ".." else tmp_path / "work-2"
    assert (free / "README.md").read_text() == "# pp\n"


@pytest.mark.parametrize("policy", ["error", "rename", "merge", "overwrite"])
def test_where_nothing_is_in_the_way_the_policy_does_not_matter(run: Cli, workplace: Path, policy: str) -> None:
    assert run(*COMMAND, "--on-existing", policy).code == 0
    assert (workplace / "x" / ".git").is_dir()


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda x: (x / "README.md").mkdir(), "<tmp>/x/README.md is in the way: the project has a file of this name."),
        (
            lambda x: (x / ".copier-answers.yml").touch(),
            "<tmp>/x is a project of fastapi-scaffold already.",
        ),
    ],
    ids=["a directory", "a project"],
)
def test_what_cannot_be_merged(run: Cli, workplace: Path, prepare: object, error: str) -> None:
    (workplace / "x").mkdir()
    assert callable(prepare)
    prepare(workplace / "x")
    before = tree(workplace)
    result = run(*COMMAND, "--on-existing", "overwrite")
    assert result.code == 2
    assert result.err.startswith(f"error: {error} Nothing was changed.")
    assert tree(workplace) == before


def test_a_directory_that_is_a_link(run: Cli, workplace: Path, small_template: Path) -> None:
    (small_template / "template" / "docs").mkdir()
    (small_template / "template" / "docs" / "index.md").write_text("ours\n")
    (workplace / "x").mkdir()
    (workplace / "elsewhere").mkdir()
    (workplace / "x" / "docs").symlink_to(workplace / "elsewhere")
    result = run(*COMMAND, "--on-existing", "overwrite")
    assert "in the way: the project has a directory of this name" in result.err
    assert tree(workplace / "elsewhere") == []


def test_a_failure_in_the_middle_of_a_merge_puts_everything_back(
    run: Cli, taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (taken / name).read_text() for name in tree(taken)}
    original = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if target == taken / "pyproject.toml":
            raise OSError(28, "No space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    result = run(*COMMAND, "--on-existing", "overwrite")
    assert result.code == 1
    assert "cannot be written: No space left on device. Nothing was changed." in result.err
    assert {name: (taken / name).read_text() for name in tree(taken)} == before
