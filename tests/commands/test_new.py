"""`new`: what it writes, says and returns."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.console import Cli, tree

pytestmark = pytest.mark.usefixtures("small_template")

# After an error Copier leaves a directory listing open.
COPIERS_OWN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
FILES = [".copier-answers.yml", ".env", ".env.example", ".gitignore", "README.md", "pyproject.toml"]


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def written(directory: Path) -> list[str]:
    return [path for path in tree(directory) if not path.startswith(".git/") and path != ".git"]


def test_defaults(run: Cli, workplace: Path) -> None:
    assert run("new", "my-api", "--defaults", "--no-verify").code == 0
    assert written(workplace / "my-api") == FILES
    assert tree(workplace)[0] == "my-api"
    assert (workplace / "my-api" / "README.md").read_text() == "# my-api\n"


def test_answers_are_recorded_with_a_portable_origin(run: Cli, workplace: Path) -> None:
    assert run("new", "x", "-y", "--no-verify", "--database", "none", "-d", "settings=single").code == 0
    recorded = yaml.safe_load((workplace / "x" / ".copier-answers.yml").read_text())
    expected = {"database": "none", "auth": "api_key", "settings": "single", "project_name": "x"}
    assert recorded.items() >= expected.items()
    assert recorded["_src_path"] == "https://fastapi-scaffold.invalid/fastapi-scaffold.git"
    assert recorded["_commit"].startswith("v")
    assert recorded.keys().isdisjoint({"template_origin", "catalogue", "project_slug"})


def test_flags_win_over_data(run: Cli, workplace: Path) -> None:
    assert run("new", "x", "-y", "--no-verify", "-d", "database=none", "--database", "sqlite").code == 0
    assert yaml.safe_load((workplace / "x" / ".copier-answers.yml").read_text())["database"] == "sqlite"


def test_directory_is_named_after_the_project(run: Cli, workplace: Path) -> None:
    result = run("new", "-y", "--no-verify", "--project-name", "My Little.API")
    assert [path.name for path in workplace.iterdir()] == ["my-little-api"]
    assert "new my-little-api --defaults --no-config --project-name 'My Little.API' --python-version" in result.out


def test_here(run: Cli, workplace: Path) -> None:
    result = run("new", ".", "-y", "--no-verify")
    assert result.code == 0
    assert written(workplace) == FILES
    assert (workplace / "README.md").read_text() == "# work\n"
    assert "cd " not in result.out


def test_json(run: Cli, workplace: Path) -> None:
    result = run("new", "x", "-y", "--no-verify", "--json", "--python-version", "3.11", "--description", 'A "b" ü')
    assert (result.code, result.err) == (0, "")
    report = json.loads(result.out)
    assert list(report) == [
        "command",
        "ok",
        "project",
        "template_version",
        "answers",
        "files",
        "proof",
        "notes",
        "next_steps",
        "command_line",
    ]
    assert (report["command"], report["ok"], report["proof"]) == ("new", True, None)
    assert report["files"] == [{"path": path, "action": "create"} for path in FILES]
    assert report["answers"]["description"] == 'A "b" ü'
    assert report["command_line"].endswith(
        """new x --defaults --no-config --description 'A "b" ü' --python-version 3.11"""
    )


def test_secrets_are_in_env_only(run: Cli, workplace: Path) -> None:
    result = run("new", "x", "-y", "--no-verify", "--json")
    _, secret = (workplace / "x" / ".env").read_text().splitlines()[1].split("=")
    assert len(secret) == 64
    assert secret not in result.out
    assert secret not in (workplace / "x" / ".copier-answers.yml").read_text()
    assert ".env" not in git(workplace / "x", "ls-files").splitlines()


# ── git ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_first_commit(run: Cli, workplace: Path) -> None:
    run("new", "x", "-y", "--no-verify")
    assert git(workplace / "x", "log", "--format=%s|%an|%ae") == (
        f"Create the project with fastapi-scaffold {version()}|fastapi-scaffold|fastapi-scaffold@localhost.invalid"
    )
    assert git(workplace / "x", "branch", "--show-current") == "main"
    assert git(workplace / "x", "status", "--porcelain") == ""


def version() -> str:
    from fastapi_scaffold import __version__

    return __version__


def test_the_users_identity_is_used(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n name = Ada\n email = ada@example.org\n[commit]\n gpgsign = true\n[init]\n defaultBranch = old\n"
        f"[core]\n hooksPath = {tmp_path / 'hooks'}\n excludesFile = {tmp_path / 'ignored'}\n"
    )
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "hooks" / "post-commit").write_text(f"#!/bin/sh\ntouch {tmp_path / 'hooked'}\n")
    for hook in (tmp_path / "hooks").iterdir():
        hook.chmod(0o755)
    (tmp_path / "ignored").write_text("*.md\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert run("new", "x", "-y", "--no-verify").code == 0
    assert git(workplace / "x", "log", "--format=%an|%ae") == "Ada|ada@example.org"
    assert git(workplace / "x", "branch", "--show-current") == "main"
    assert "README.md" in git(workplace / "x", "ls-files")
    assert not (tmp_path / "hooked").exists()


def test_foreign_git_variables_are_ignored(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = workplace.parent / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    assert run("new", "x", "-y", "--no-verify").code == 0
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert len(git(workplace / "x", "ls-files").splitlines()) == len(FILES) - 1
    assert not (other / "index").exists()


def test_no_git(run: Cli, workplace: Path) -> None:
    run("new", "x", "-y", "--no-verify", "--no-git")
    assert not (workplace / "x" / ".git").exists()


def test_inside_a_repository(run: Cli, workplace: Path) -> None:
    git(workplace, "init", "--quiet")
    result = run("new", "x", "-y", "--no-verify")
    assert result.code == 0
    assert not (workplace / "x" / ".git").exists()
    assert "It is part of the git repository around it: committing is left to you." in result.out
    assert "Nobody reads .github there: move what you need to <tmp>," in result.out
    assert "Nobody reads" not in run("new", "y", "-y", "--no-verify", "--ci", "none").out
    assert written(workplace / "x") == FILES


def test_a_commit_that_fails_keeps_the_project(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Ada")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "never")
    result = run("new", "x", "-y", "--no-verify")
    assert result.code == 1
    assert "error: x was created, but not committed: git" in result.err
    assert written(workplace / "x") == FILES


def test_without_git_a_project_can_be_made(run: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("new", "x", "-y", "--no-verify", "--no-git").code == 0


def test_secrets_are_not_committed_even_if_the_project_forgets_to_ignore_them(
    run: Cli, workplace: Path, small_template: Path
) -> None:
    (small_template / "template" / ".gitignore").unlink()
    run("new", "x", "-y", "--no-verify")
    assert "README.md" in git(workplace / "x", "ls-files").splitlines()
    assert ".env" not in git(workplace / "x", "ls-files").splitlines()


# ── refused ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_illegal_answer_matters_more_than_a_missing_one(run: Cli) -> None:
    assert json.loads(run("new", "--database", "x", "--json").out)["error"]["code"] == "invalid_answer"


@pytest.mark.parametrize("place", ["file/x", "/proc/x"])
def test_unwritable_place(run: Cli, workplace: Path, place: str) -> None:
    (workplace / "file").write_text("")
    result = run("new", place, "-y")
    assert result.code == 1
    assert "cannot be written: " in result.err
    assert "Nothing was changed." in result.err
    assert tree(workplace) == ["file"]


# ── failures while writing ────────────────────────────────────────────────────────────────────────────────────────────


@COPIERS_OWN
def test_a_template_that_cannot_be_rendered(run: Cli, workplace: Path, small_template: Path) -> None:
    (small_template / "template" / "z.txt.jinja").write_text("{{ nobody_knows }}")
    result = run("new", "a/b/x", "-y")
    assert result.code == 1
    assert result.err.startswith("error: The template cannot be rendered: 'nobody_knows' is undefined")
    assert tree(workplace) == []


@COPIERS_OWN
def test_a_template_with_a_syntax_error(run: Cli, workplace: Path, small_template: Path) -> None:
    (small_template / "template" / "z.txt.jinja").write_text("{% if %}")
    result = run("new", "x", "-y", "--json")
    assert json.loads(result.out)["error"]["code"] == "template_error"
    assert tree(workplace) == []


@pytest.mark.parametrize("error", [RuntimeError("bad"), OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_happens_while_rendering(
    run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(_answers: object, destination: Path) -> None:
        (destination / "half").write_text("half")
        raise error

    monkeypatch.setattr("fastapi_scaffold.writing.engine.render", fail)
    result = run("new", "a/x", "-y")
    assert result.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert "Traceback" not in result.err
    assert tree(workplace) == []


def test_the_template_is_rendered_from_the_files_even_in_a_repository_with_tags(
    run: Cli, workplace: Path, small_template: Path
) -> None:
    git(small_template, "init", "--quiet")
    git(small_template, "add", "--all")
    git(small_template, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "-m", "old")
    git(small_template, "-c", "user.name=a", "-c", "user.email=b", "tag", "-a", "v9", "-m", "old")
    (small_template / "template" / "README.md.jinja").write_text("edited\n")
    run("new", "x", "-y", "--no-verify")
    assert (workplace / "x" / "README.md").read_text() == "edited\n"
    assert "v9" not in (workplace / "x" / ".copier-answers.yml").read_text()


def test_the_users_copier_settings_do_not_matter(run: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "settings.yml").write_text("{ not yaml")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(tmp_path / "settings.yml"))
    assert run("new", "x", "-y", "--no-verify").code == 0
