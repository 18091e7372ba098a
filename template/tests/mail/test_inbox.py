"""The inbox that Compose runs in development, and nowhere else."""

import pytest
import yaml

from tests.inspection import text_of

practice = pytest.mark.practice


@practice("mail-tls")
def test_only_whoever_asks_for_the_inbox_has_it() -> None:
    usual, inbox = (yaml.safe_load(text_of(name))["services"] for name in ("compose.yaml", "compose.inbox.yaml"))
    assert "inbox" not in usual
    running = {name for name, one in usual.items() if "build" in one and one.get("restart")}
    assert inbox.keys() == running | {"inbox"}
    for name in running:
        given = inbox[name]["environment"]
        assert [value for key, value in given.items() if key.endswith("HOST")] == ["inbox"]
        assert given["APP_ENVIRONMENT"] == "development"
    assert all(port.startswith("127.0.0.1:") for port in inbox["inbox"]["ports"])
