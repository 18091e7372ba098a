"""Migrations at a release."""

import re

import pytest

from tests.inspection import ROOT, text_of


@pytest.mark.practice("migrations-as-release-step")
def test_migrations_end_before_the_application_starts() -> None:
    files = {path.name: text_of(path) for path in (ROOT / "deploy/base").glob("*.yaml")}
    assert [name for name, text in files.items() if "alembic" in text] == ["migrate.yaml"]
    assert "kind: Job\n" in files["migrate.yaml"]
    steps = re.findall(r"^kubectl (?:apply.*|wait job/migrate.*) &&$", text_of("README.md"), re.MULTILINE)
    assert [step.split()[1] for step in steps] == ["apply", "wait", "wait", "apply"]
    assert ["-l 'app.kubernetes.io/component!=api" in step for step in steps] == [True, False, False, False]
    assert "--for=condition=Complete " in steps[2]
