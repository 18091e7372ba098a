"""Migrations at a release."""

import pytest
import yaml

from tests.inspection import text_of


@pytest.mark.practice("migrations-as-release-step")
def test_migrations_end_before_the_application_starts() -> None:
    services = yaml.safe_load(text_of("compose.yaml"))["services"]
    [step] = [name for name, one in services.items() if one.get("command") == ["alembic", "upgrade", "head"]]
    waits = [one["depends_on"][step]["condition"] for one in services.values() if "ports" in one and "build" in one]
    assert set(waits) == {"service_completed_successfully"}
