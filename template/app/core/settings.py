"""How settings are read; `.env.example` says what each one means."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


def split_commas(value: object) -> object:
    """Read `a, b` as two entries."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def check_pattern(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Refuse a pattern that pages of anybody have."""
    if any(map(pattern.fullmatch, ("https://foreign.example", "https://example.com.foreign.example", "null"))):
        message = "it matches the origins of strangers"
        raise ValueError(message)
    return pattern


def one_of(origins: Iterable[str], pattern: re.Pattern[str] | None) -> str:
    """Return the expression that these match as a whole, and no others."""
    return "|".join([*([pattern.pattern] if pattern else []), *map(re.escape, origins)])


# What else a browser or the server would never match; with `*` any page could call the API in the name of its visitor.
Origin = Annotated[str, Field(pattern=r"^https?://[^/*]+$")]
OriginPattern = Annotated[re.Pattern[str], AfterValidator(check_pattern)]
Host = Annotated[str, Field(pattern=r"^(\*|(\*\.)?[^/*:]+)$")]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split_commas)]
Hosts = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(split_commas)]


class EnvironmentSettings(BaseSettings):
    """Settings from the environment, then `.env`, then files in `/run/secrets`."""

    model_config = SettingsConfigDict(
        env_prefix="APP_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        env_file=".env",
        secrets_dir="/run/secrets",
        secrets_dir_missing="ok",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # `fastapi dev` sets FASTAPI_ENV.
    environment: Literal["development", "staging", "production"] = Field(
        default="production", validation_alias=AliasChoices("APP_ENVIRONMENT", "FASTAPI_ENV")
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    root_path: str = Field(default="", pattern="^(/[^/]+)*$")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let secret files fill nested settings too."""
        del settings_cls
        return init_settings, env_settings, dotenv_settings, NestedSecretsSettingsSource(file_secret_settings)


def explain(settings: type[EnvironmentSettings], error: ValidationError) -> str:
    """Name each setting that is missing or wrong, as its environment variable, without its value."""
    lines = [
        f"  {environment_variable(location)}: {problem['msg']}"
        for problem in error.errors()
        for location in locations(settings, problem)
    ]
    return "\n".join(["The settings are not complete:", *lines, "See .env.example for what each one means."])


def locations(settings: type[EnvironmentSettings], problem: ErrorDetails) -> list[tuple[str, ...]]:
    """Return the required fields of a group that is missing as a whole; any other location as it is."""
    location = tuple(part for part in problem["loc"] if isinstance(part, str))
    field = settings.model_fields.get(location[0]) if problem["type"] == "missing" and len(location) == 1 else None
    group = field.annotation if field else None
    if not (isinstance(group, type) and issubclass(group, BaseModel)):
        return [location]
    return [(*location, name) for name, part in group.model_fields.items() if part.is_required()]


def environment_variable(location: tuple[str, ...]) -> str:
    """Return the name under which a setting is read, as `APP_HTTP__ALLOWED_HOSTS`."""
    name = "__".join(location).upper()
    return name if name.startswith(("APP_", "FASTAPI_")) else f"APP_{name}".rstrip("_")
