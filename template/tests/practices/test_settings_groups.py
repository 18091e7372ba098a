"""Settings by domain."""

import re
from inspect import get_annotations
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import BaseModel

from app.config import Settings, get_settings
from tests.conftest import MakeSettings


@pytest.mark.practice("settings-by-domain")
def test_each_domain_has_its_group(make_settings: MakeSettings, environment: dict[str, str]) -> None:
    groups: dict[str, Any] = get_annotations(Settings)
    assert [name for name, it in groups.items() if not (isinstance(it, type) and issubclass(it, BaseModel))] == []
    allowed = {"app.core.config", *(f"app.{name}.config" for name in groups)}
    assert {group.__module__ for group in groups.values()} <= allowed
    assert make_settings(http={"max_body_size": "9999"}).http.max_body_size == 9999
    get_settings.cache_clear()
    with patch.dict("os.environ", environment | {"APP_HTTP": "x"}), pytest.raises(SystemExit, match="http"):
        get_settings()
    with patch.dict("os.environ", {"APP_HTTP": "5"}, clear=True), pytest.raises(SystemExit) as refused:
        get_settings()
    assert {"APP_HTTP"} <= {*re.findall("APP_[A-Z_]+", str(refused.value))} <= {"APP_HTTP", *environment}
