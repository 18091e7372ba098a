"""Practices of the configuration, whatever settings there are."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_origin
from unittest.mock import patch

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from app.config import Settings, get_settings
from tests.conftest import CreateApp
from tests.inspection import ROOT, dotted, modules

practice = pytest.mark.practice
Read = Callable[..., Settings]


def fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name}".upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{variable}__")
        else:
            yield variable, field


FIELDS = dict(fields(Settings, "APP_"))
NUMBERS = [name for name, field in FIELDS.items() if field.annotation in {int, float}]


@pytest.fixture
def read(environment: dict[str, str]) -> Read:
    """Return a function that reads settings from these variables, the required ones, and no others."""

    def read(**variables: str) -> Settings:
        with patch.dict("os.environ", variables | environment, clear=True):
            return Settings(_env_file=None)

    return read


@practice("settings-from-env")
def test_only_the_settings_read_the_environment(pyproject: dict[str, Any]) -> None:
    names = {"os.environ", "os.getenv"}
    assert [path for path, tree in modules() for node in ast.walk(tree) if dotted(node) in names] == []
    assert names <= pyproject["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"].keys()


@practice("settings-from-env")
@pytest.mark.parametrize("variable", NUMBERS)
def test_a_wrong_value_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], variable: str
) -> None:
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    with patch.dict("os.environ", environment | {variable: "many"}), pytest.raises(SystemExit, match=variable):
        get_settings()


@practice("env-file-untracked")
def test_the_example_shows_every_setting_with_its_default_and_no_secret(read: Read) -> None:
    text = (ROOT / ".env.example").read_text()
    example = dict(re.findall(r"^(?:# )?(APP_\w+)=(.*)$", text, re.MULTILINE))
    assert example.keys() == FIELDS.keys()
    assert read(**example) == read()
    assert [name for name, field in FIELDS.items() if field.annotation is SecretStr and example[name]] == []


@practice("env-file-untracked")
def test_the_file_with_secrets_stays_here() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    for ignored in ROOT.glob(".dockerignore"):
        patterns = ignored.read_text().splitlines()
        assert {".env", "*"} & set(patterns)
        assert not {"!.env", "!.env*"} & set(patterns)


@practice("no-hardcoded-secrets")
def test_secrets_have_no_default_and_are_not_shown(read: Read, environment: dict[str, str]) -> None:
    secrets = {name: field for name, field in FIELDS.items() if field.annotation is SecretStr}
    assert [name for name, field in secrets.items() if not field.is_required()] == []
    assert [name for name in secrets if environment[name] in repr(read())] == []


@practice("no-hardcoded-secrets")
def test_secret_files_are_read(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / NUMBERS[0]).write_text("many")
    with patch.dict("os.environ", environment, clear=True), pytest.raises(ValidationError, match="valid"):
        Settings(_env_file=None, _secrets_dir=tmp_path)


@practice("settings-config-dict")
def test_empty_and_unknown_variables_are_ignored_and_case_does_not_matter(read: Read) -> None:
    empty = {name: "" for name, field in FIELDS.items() if not field.is_required()}
    assert read(APP_UNKNOWN="1", **empty) == read()
    assert read(app_environment="staging").environment == "staging"
    assert [name for name in Settings.model_fields if name != name.lower()] == []


@practice("settings-cached-provider")
async def test_settings_are_read_once_and_each_application_keeps_its_own(
    app: FastAPI, settings: Settings, environment: dict[str, str]
) -> None:
    with patch.dict("os.environ", environment):
        assert get_settings() is get_settings()
    async with app.router.lifespan_context(app) as state:
        assert settings in (state or {}).values()
        assert get_settings() not in (state or {}).values()


@practice("settings-typed-values")
def test_values_have_narrow_types(read: Read) -> None:
    assert [name for name in NUMBERS if not FIELDS[name].metadata] == []
    secret = re.compile(r"SECRET|PASSWORD|_(KEY|TOKEN)$")
    assert [name for name, field in FIELDS.items() if secret.search(name) and field.annotation is str] == []
    loose = [name for name, field in FIELDS.items() if field.annotation is str and not field.metadata]
    assert [name for name in loose if name.endswith(("URL", "URI", "DSN"))] == []
    with pytest.raises(ValidationError):
        read(APP_ENVIRONMENT="prodution")


@practice("settings-secure-defaults")
def test_nothing_set_means_production(read: Read, create_app: CreateApp) -> None:
    assert read().environment == "production"
    assert create_app(read()).openapi_url is None
    assert read(FASTAPI_ENV="development").environment == "development"


@practice("settings-list-parsing")
def test_lists_are_separated_by_commas(read: Read) -> None:
    lists = [name for name, field in FIELDS.items() if get_origin(field.annotation) in {list, set, frozenset, tuple}]
    assert lists
    for name in lists:
        assert any(part is NoDecode or isinstance(part, NoDecode) for part in FIELDS[name].metadata)
        assert repr(read(**{name: "https://a.example, https://b.example"})) != repr(read())
