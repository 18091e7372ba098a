"""`info`, and what the program leaves outside of projects."""

import json
from pathlib import Path

import pytest

from fastapi_scaffold.asking.personal import config_file, last_answers_file
from tests.console import Cli, spawn, tree


def test_info(run: Cli) -> None:
    result = run("info", "--json")
    assert (result.code, result.err) == (0, "")
    facts = json.loads(result.out)
    assert (facts["command"], facts["ok"], facts["fastapi_scaffold"]) == ("info", True, "<version>")
    for name in ("python", "uv", "git", "copier", "typer", "rich", "prompt_toolkit", "questionary"):
        assert any(character.isdigit() for character in facts[name]), name
    text = run("info").out
    assert f"{config_file()} (there is none)" in text
    assert f"{last_answers_file()} (there is none)" in text


def test_info_works_where_nothing_else_does(run: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert json.loads(run("info", "--json").out)["git"] == "not installed"


def test_names_of_users_are_left_out(run: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    facts = json.loads(run("info", "--json").out)
    assert facts["configuration"] == "~/.config/fastapi-scaffold/config.toml (there is none)"
    assert facts["last_answers"] == "~/.cache/fastapi-scaffold/last-answers.json (there is none)"


@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "x", "-y", "--no-verify"],
        ["new", "x", "-y", "--dry-run"],
        ["practices"],
        ["questions"],
        ["info"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_nothing_is_left_outside_of_the_project(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()
    result = spawn(
        *arguments,
        directory=tmp_path / "work",
        HOME=str(tmp_path / "home"),
        XDG_CONFIG_HOME=None,
        XDG_CACHE_HOME=None,
        UV_CACHE_DIR=None,
        TMPDIR=str(tmp_path / "tmp"),
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert result.code == 0
    assert tree(tmp_path / "home") == tree(tmp_path / "tmp") == []
