"""Migrations at a release."""

import re

import pytest

from tests.inspection import calls, text_of


@pytest.mark.practice("migrations-as-release-step")
def test_migrations_end_before_the_new_function_is_there() -> None:
    package, rest = text_of("README.md").split("uv run poe package &&\n")[1].split("uv run poe migrate")
    assert "sam deploy" not in package
    assert re.match(r".* &&\nsam deploy ", rest)
    assert calls("command.upgrade", pattern="app/**/*.py") == []
