"""Settings by domain."""

from inspect import get_annotations
from typing import Any

import pytest
from pydantic import BaseModel

from app.config import Settings
from tests.conftest import MakeSettings


@pytest.mark.practice("settings-by-domain")
def test_each_domain_has_its_group(make_settings: MakeSettings) -> None:
    groups: dict[str, Any] = get_annotations(Settings)
    assert [name for name, it in groups.items() if not (isinstance(it, type) and issubclass(it, BaseModel))] == []
    allowed = {"app.core.config", *(f"app.{name}.config" for name in groups)}
    assert {group.__module__ for group in groups.values()} <= allowed
    assert make_settings(http={"max_body_size": "9999"}).http.max_body_size == 9999
