"""Practices of request and response schemas."""

import ast
import re
from collections.abc import Callable, Collection
from enum import Enum, StrEnum
from itertools import product
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from pydantic import MISSING, BaseModel, TypeAdapter, ValidationError
from pydantic.warnings import PydanticDeprecatedSince20
from pydantic_settings import BaseSettings

from app.core.schemas import InputSchema, ReadSchema, Schema
from tests.inspection import api_routes, bodies, dependencies, dotted, modules, operations, subclasses, values

practice = pytest.mark.practice
Models = set[type[BaseModel]]
SECRET = re.compile("password|secret|token|hash")
MONEY = re.compile("price|amount|cost|fee|balance|salary")
FORMATS = {"email": "email", "url": "uri", "at": "date-time"}


def models_in(annotation: Any, found: Models) -> Models:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
        found.add(annotation)
        for field in annotation.model_fields.values():
            models_in(field.annotation, found)
    for part in get_args(annotation):
        models_in(part, found)
    return found


@pytest.fixture(scope="module")
def sent(api: FastAPI) -> Models:
    inner = [dependant for route in api_routes(api) for dependant in dependencies(route.dependant)]
    parameters = [parameter for dependant in inner for parameter in dependant.body_params + dependant.query_params]
    return set().union(*(models_in(parameter.field_info.annotation, set()) for parameter in parameters))


@pytest.fixture(scope="module")
def read(api: FastAPI) -> Models:
    return set().union(*(models_in(route.response_model, set()) for route in api_routes(api)))


@pytest.mark.parametrize(
    "offenders",
    [
        pytest.param(lambda sent, read: sent & read, marks=practice("separate-io-schemas")),
        pytest.param(
            lambda sent, read: [pair for pair in product(sent, read) if issubclass(*pair) or issubclass(*pair[::-1])],
            marks=practice("schema-inheritance-light"),
        ),
        pytest.param(
            lambda sent, read: (
                [kind for kind in sent if not issubclass(kind, InputSchema)]
                + [kind for kind in read if not issubclass(kind, ReadSchema)]
            ),
            marks=practice("shared-base-schema"),
        ),
        pytest.param(
            lambda sent, read: (
                [kind for kind in sent if kind.model_config.get("from_attributes")]
                + [kind for kind in read if not kind.model_config.get("from_attributes")]
            ),
            marks=practice("from-attributes-on-read"),
        ),
        pytest.param(
            # Whoever asks for tokens gets them, with their type beside them (RFC 6749).
            lambda _, read: [
                name
                for fields in (kind.model_fields for kind in read)
                for name in fields
                if SECRET.search(name) and "token_type" not in fields
            ],
            marks=practice("no-sensitive-output"),
        ),
        pytest.param(
            lambda sent, read: [
                name
                for name, field in (pair for kind in sent | read for pair in kind.model_fields.items())
                if MONEY.search(name) and "float" in str(field.rebuild_annotation())
            ],
            marks=practice("money-is-decimal"),
        ),
    ],
)
def test_no_model(sent: Models, read: Models, offenders: Callable[[Models, Models], Collection[Any]]) -> None:
    assert len(offenders(sent, read)) == 0


@practice("shared-base-schema")
def test_schemas_share_one_base(api: FastAPI) -> None:
    del api  # which imports every schema
    settings = {kind for kind in subclasses(BaseModel) if kind.__module__.endswith(".config")} | subclasses(BaseSettings)
    assert {kind for kind in subclasses(BaseModel) - settings if not issubclass(kind, Schema)} == set()


@practice("model-config-restraint")
def test_no_option_changes_the_meaning_of_models(api: FastAPI) -> None:
    del api
    changing = {"use_enum_values", "validate_assignment", "json_encoders", "alias_generator", "populate_by_name"}
    assert [kind for kind in subclasses(BaseModel) if changing & kind.model_config.keys()] == []


@practice("strenum")
def test_enumerations_of_text_are_string_enumerations(api: FastAPI) -> None:
    del api
    kinds = [kind for kind in subclasses(Enum) if any(isinstance(member.value, str) for member in kind)]
    assert [kind for kind in kinds if not issubclass(kind, StrEnum)] == []


@practice("pydantic-all-io")
def test_every_body_and_answer_is_a_model(api: FastAPI) -> None:
    assert [value for name, value in bodies(api) if not name] == []
    answers = [route.response_model for route in api_routes(api) if route.status_code != 204]
    assert [answer for answer in answers if not all(models_in(part, set()) for part in get_args(answer) or [answer])] == []


@practice("update-fields-optional")
def test_what_an_update_leaves_out_is_missing_and_not_null(api: FastAPI) -> None:
    updates = [body for route in api_routes(api) if "PATCH" in route.methods for body in route.dependant.body_params]
    for fields in [body.field_info.annotation.model_fields for body in updates]:
        # An update of one single thing cannot leave it out.
        assert [name for name, field in fields.items() if field.default is not MISSING and len(fields) > 1] == []


@practice("utc-datetime-serialization")
def test_times_are_aware_and_in_utc(sent: Models, read: Models) -> None:
    for field in [field for kind in sent | read for field in kind.model_fields.values()]:
        adapter = TypeAdapter[Any](field.rebuild_annotation())
        schema = adapter.json_schema()
        if "date-time" in [part.get("format") for part in schema.get("anyOf", [schema])]:
            time = adapter.validate_python("2026-01-01T01:00:00+01:00")
            assert adapter.dump_json(time) == b'"2026-01-01T00:00:00Z"'
            with pytest.raises(ValidationError):
                adapter.validate_python("2026-01-01T00:00:00")


def is_bounded(_name: str, value: dict[str, Any]) -> bool:
    if value.get("type") == "string":  # a password has a format, and no end
        return value.keys() & {"maxLength", "pattern", "enum", "const"} or value.get("format", "password") != "password"
    if value.get("type") == "array":
        return "maxItems" in value
    limits = re.findall("m(?:in|ax)imum|M(?:in|ax)imum", " ".join(value))
    return len(limits) == 2 or value.get("type") not in {"integer", "number"}


@pytest.mark.parametrize(
    "is_right",
    [
        pytest.param(is_bounded, marks=practice("field-constraints")),
        pytest.param(
            lambda _, value: {"examples", "enum", "const"} & value.keys() or value["type"] in {"boolean", "null"},
            marks=practice("schema-examples"),
        ),
        pytest.param(
            lambda _, value: value.get("minLength") or "format" in value or "maxLength" not in value,
            marks=practice("strip-and-reject-blank"),
        ),
        pytest.param(
            lambda name, value: (
                FORMATS.get(name.rsplit("_")[-1]) in {None, value.get("format")} or value["type"] != "string"
            ),
            marks=practice("builtin-types-first"),
        ),
    ],
)
def test_every_value_of_a_body(api: FastAPI, is_right: Callable[[str, dict[str, Any]], bool]) -> None:
    assert [name for name, value in bodies(api) if not is_right(name, value)] == []


@practice("param-constraints")
def test_every_parameter_is_bounded(api: FastAPI) -> None:
    parameters = [parameter for *_, operation in operations(api) for parameter in operation.get("parameters", [])]
    found = [pair for parameter in parameters for pair in values(api, parameter["schema"], parameter["name"])]
    assert [name for name, value in found if not is_bounded(name, value)] == []


@practice("pydantic-v2-api")
@practice("validators-v2")
def test_deprecated_pydantic_is_an_error() -> None:
    with pytest.raises(PydanticDeprecatedSince20):
        getattr(Schema(), "dict")()  # noqa: B009
