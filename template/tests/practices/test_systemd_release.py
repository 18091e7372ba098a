"""Migrations at a release."""

import pytest

from tests.inspection import text_of


@pytest.mark.practice("migrations-as-release-step")
def test_migrations_end_before_the_application_starts() -> None:
    lines = text_of("deploy/app.service").splitlines()
    assert [line.split(".venv/bin/")[1] for line in lines if line.startswith("Exec")] == [
        "alembic upgrade head",
        "python -m app",
    ]
