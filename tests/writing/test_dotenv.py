"""The untracked .env with fresh secrets."""

from pathlib import Path

from fastapi_scaffold.writing.dotenv import with_secrets, write_dotenv

EXAMPLE = """\
# Signs the tokens; secret: 32 bytes or more
APP_KEY=
# A secret: with a value
APP_SET=kept
# Not one
APP_NAME=
# secret: not the next line

APP_FAR=
"""


def test_only_empty_variables_under_a_comment_about_a_secret_are_filled() -> None:
    lines = with_secrets(EXAMPLE).splitlines()
    name, _, value = lines[1].partition("=")
    assert name == "APP_KEY"
    assert len(value) == 64
    assert [lines[0], *lines[2:]] == [EXAMPLE.splitlines()[0], *EXAMPLE.splitlines()[2:]]


def test_secrets_differ() -> None:
    assert with_secrets(EXAMPLE) != with_secrets(EXAMPLE)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE)
    assert write_dotenv(tmp_path)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_no_example_no_env(tmp_path: Path) -> None:
    assert not write_dotenv(tmp_path)
    assert not (tmp_path / ".env").exists()
