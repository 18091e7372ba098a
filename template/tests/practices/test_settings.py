"""Practices of the configuration, whatever settings there are."""

import re
from collections.abc import Callable, Iterator
from typing import get_args, get_origin
from unittest.mock import patch

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from app.config import Settings, get_settings
from tests.inspection import text_of

practice = pytest.mark.practice
Read = Callable[..., Settings]


def fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}".upper(), field


FIELDS = dict(fields(Settings, "APP_"))
SECRETS = [name for name, it in FIELDS.items() if SecretStr in (it.annotation, *get_args(it.annotation))]


@pytest.fixture
def read(environment: dict[str, str]) -> Iterator[Read]:
    """Read settings from these variables, the required ones, and no others."""
    with patch.dict("os.environ", clear=True) as variables:
        yield lambda **given: (variables.clear(), variables.update(given | environment), Settings())[-1]


@practice("settings-from-env")
@practice("settings-typed-values")
def test_wrong_values_stop_the_start_with_their_name(environment: dict[str, str]) -> None:
    numbers = [(name, "-1") for name, field in FIELDS.items() if field.annotation in {int, float}]
    others = [("APP_ENVIRONMENT", "test"), ("APP_LOG_LEVEL", "all"), ("APP_PORT", "65536"), ("APP_ROOT_PATH", "/")]
    for name, value in numbers + others:
        get_settings.cache_clear()
        with patch.dict("os.environ", environment | {name: value}), pytest.raises(SystemExit, match=name):
            get_settings()


@practice("env-file-untracked")
def test_the_example_shows_every_setting_with_its_default_and_no_secret(read: Read) -> None:
    example = dict(re.findall(r"^(?:# )?(APP_\w+)=(.*)$", text_of(".env.example"), re.MULTILINE))
    assert example.keys() == FIELDS.keys()
    assert read(**example) == read()
    assert [name for name in SECRETS if example[name]] == []


@practice("no-hardcoded-secrets")
def test_secrets_have_no_default_and_are_not_shown(read: Read, environment: dict[str, str]) -> None:
    assert [name for name in FIELDS if re.search("_(SECRET|PASSWORD)(_|$)|_KEY$", name) and name not in SECRETS] == []
    assert [name for name in SECRETS if isinstance(FIELDS[name].default, SecretStr)] == []
    assert [name for name in SECRETS if environment.get(name, "nothing") in repr(read())] == []
    with pytest.raises(ValidationError) as refused:
        read(APP_PORT="hunter2")
    assert "hunter2" not in str(refused.value)


@practice("settings-config-dict")
def test_empty_and_unknown_variables_do_nothing(read: Read) -> None:
    assert read(app_environment="production", APP_UNKNOWN="1", **dict.fromkeys(FIELDS, "")) == read()


@practice("settings-cached-provider")
async def test_settings_are_read_once_and_given_to_each_application(
    app: FastAPI, settings: Settings, environment: dict[str, str]
) -> None:
    with patch.dict("os.environ", environment):
        assert get_settings() is get_settings()
    async with app.router.lifespan_context(app) as state:
        assert settings in (state or {}).values()
        assert [name for name in SECRETS if environment.get(name, "nothing") in repr(state)] == []


@practice("settings-secure-defaults")
def test_nothing_set_means_production(read: Read) -> None:
    assert (read().environment, read(FASTAPI_ENV="development").environment) == ("production", "development")


@practice("settings-list-parsing")
def test_lists_are_separated_by_commas(read: Read) -> None:
    lists = [(name, *get_args(it.annotation)) for name, it in FIELDS.items() if get_origin(it.annotation) is tuple]
    for name in [name for name, kind, *_ in lists if str in (kind, *get_args(kind))]:
        scheme = "https://" if "ORIGIN" in name else ""
        assert f"'{scheme}a.se', '{scheme}b.se'" in repr(read(**{name: f"{scheme}a.se, {scheme}b.se"})), name
