"""Settings by domain."""

from inspect import get_annotations
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import BaseModel

from app.config import Settings


@pytest.mark.practice("settings-by-domain")
def test_each_domain_has_its_group(environment: dict[str, str]) -> None:
    groups: dict[str, Any] = get_annotations(Settings)
    for name, group in groups.items():
        assert issubclass(group, BaseModel), f"{name} belongs to no domain"
        assert group.__module__ in {"app.core.config", f"app.{name}.config"}
    with patch.dict("os.environ", environment | {"APP_HTTP__MAX_BODY_SIZE": "9999"}, clear=True):
        assert Settings(_env_file=None).http.max_body_size == 9999
