"""Migrations at a release."""

import pytest

from tests.inspection import ROOT


@pytest.mark.practice("migrations-as-release-step")
def test_migrations_end_before_the_application_starts() -> None:
    lines = (ROOT / "deploy/app.service").read_text().splitlines()
    assert [line.split(".venv/bin/")[1] for line in lines if line.startswith("Exec")] == [
        "alembic upgrade head",
        "python -m app",
    ]
