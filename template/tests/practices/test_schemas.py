"""Practices of request and response schemas."""

import re
from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from pydantic import MISSING, BaseModel, TypeAdapter, ValidationError

from app.core.schemas import InputSchema, LongText, Money, ReadSchema, Schema, ShortText, UtcDatetime
from tests.inspection import api_routes, dependants, operations, practices, subclasses

practice = pytest.mark.practice
Models = set[type[BaseModel]]
Value = tuple[str, dict[str, Any]]
SECRET = re.compile("(\\w+_)?(password|secret|token|hash)(_(key|value|text|hex|digest))?")
# How a value is written whose name ends in this word.
FORMATS = {"email": "email", "url": "uri", "at": "date-time"}
LOOSE = {"alias_generator", "json_encoders", "use_enum_values", "validate_assignment"}
OBVIOUS = {"examples", "default", "enum", "const", "$ref"}


def models_in(annotation: Any, found: Models) -> Models:
    """Add the models that an annotation mentions, and those of their fields."""
    parts = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
        found.add(annotation)
        parts = tuple(field.annotation for field in annotation.model_fields.values())
    for part in parts:
        models_in(part, found)
    return found


def choices(name: str, schema: dict[str, Any]) -> list[Value]:
    """Return all that a value may be: this or that, or a list of it."""
    found = [schema | choice for choice in schema.get("anyOf", [schema])]
    if "number" in [one.get("type") for one in found]:  # a Decimal may be sent as text, too
        found = [one for one in found if one.get("type") != "string"]
    return [(name, part) for one in found for part in (one, one.get("items")) if part]


def is_odd(model: type[BaseModel]) -> bool:
    apart = model.__module__.endswith(".schemas") and not issubclass(model, Schema)
    return apart or bool(LOOSE & {*model.model_config})


def leaks(model: type[BaseModel]) -> bool:
    """Tell whether secret text is among the fields; who asks for tokens gets them, with their type (RFC 6749)."""
    fields = model.model_json_schema(mode="serialization")["properties"]
    given = ("access_token", "refresh_token") if "token_type" in fields else ()
    texts = {name for field in fields.items() for name, value in choices(*field) if value.get("type") == "string"}
    return any(SECRET.fullmatch(name) for name in texts.difference(given))


def is_of_its_type(name: str, value: dict[str, Any]) -> bool:
    """Tell whether text and numbers have the format that their name speaks of; `seat` and `curl` speak of none."""
    expected = name != "at" and FORMATS.get(name.rpartition("_")[2])
    return not expected or value.get("type") not in {"string", "integer"} or value.get("format") == expected


def is_bounded(value: dict[str, Any]) -> bool:
    match value.get("type"):
        case "string":  # a password has a format, and no end
            ends = {"maxLength", "enum", "const"} & {*value}
            return bool(ends) or value.get("format", "password") != "password"
        case "integer" | "number":
            return len([key for key in value if key.lower().endswith(("minimum", "maximum"))]) == 2
    return value.get("type", "null") in {"boolean", "null"} or bool({"maxItems", "maxProperties"} & {*value})


@pytest.fixture(scope="module")
def sent(api: FastAPI) -> Models:
    found: Models = set()
    for dependant in dependants(api):
        for parameter in dependant.body_params + dependant.query_params:
            models_in(parameter.field_info.annotation, found)
    return found


@pytest.fixture(scope="module")
def read(api: FastAPI) -> Models:
    return set().union(*(models_in(route.response_model or route.stream_item_type, set()) for route in api_routes(api)))


@pytest.fixture(scope="module")
def values(sent: Models) -> list[Value]:
    fields = [field for kind in sent for field in kind.model_json_schema()["properties"].items()]
    return [value for field in fields for value in choices(*field)]


@practices(
    "wrong",
    ("separate-io-schemas", lambda sent, read: sent & read),
    ("schema-inheritance-light", lambda *io: [k for a, b in (io, io[::-1]) for k in a if subclasses(k) & b]),
    ("shared-base-schema", lambda sent, read: sent - subclasses(InputSchema) | read - subclasses(ReadSchema)),
    ("shared-base-schema", lambda *_: [k for k in subclasses(BaseModel) if is_odd(k)]),
    ("model-config-restraint", lambda *_: [k for k in subclasses(BaseModel) if is_odd(k)]),
    ("strenum", lambda *_: [k for k in subclasses(Enum) - subclasses(StrEnum) if {str} & {type(it.value) for it in k}]),
    ("from-attributes-on-read", lambda sent, _: [k for k in sent if k.model_config.get("from_attributes")]),
    ("field-constraints", lambda sent, _: [k for k in sent if k.model_config.get("allow_inf_nan", True)]),
    ("no-sensitive-output", lambda _, read: [k for k in read if leaks(k)]),
)
def test_no_schema_is_wrong(sent: Models, read: Models, wrong: Callable[[Models, Models], Any]) -> None:
    assert list(wrong(sent, read)) == []


@practices(
    "is_right",
    ("field-constraints", lambda _, value: is_bounded(value)),
    ("schema-examples", lambda _, value: OBVIOUS & {*value} or value["type"] in {"boolean", "null"}),
    ("strip-and-reject-blank", lambda _, value: {"minLength", "format"} & {*value} or "maxLength" not in value),
    ("builtin-types-first", is_of_its_type),
)
def test_every_value(values: list[Value], is_right: Callable[[str, dict[str, Any]], bool]) -> None:
    assert [name for name, value in values if not is_right(name, value)] == []


@practice("field-constraints")
@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (ShortText, ("x", "x" * 100), ("", "x" * 101)),
        (LongText, ("x", "x" * 1999 + "\n"), ("", "x" * 2001, "\0")),
        (Money, ("0.00", "9999999999.99"), ("-0.01", "10000000000", "0.001")),
    ],
)
def test_what_many_fields_share_has_an_end(kind: Any, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert [str(TypeAdapter(kind).validate_python(value)) for value in right] == [*right]
    for value in wrong:
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(value)


@practice("param-constraints")
def test_every_parameter_is_bounded(api: FastAPI) -> None:
    found = [one for *_, operation in operations(api) for one in operation.get("parameters", [])]
    assert [one for one in found if one["name"] == "limit" and not one.get("description")] == []
    parts = [part for one in found for part in choices(one["name"], one["schema"])]
    assert [name for name, value in parts if not is_bounded(value)] == []


@practice("pydantic-all-io")
def test_every_body_and_answer_is_a_model(api: FastAPI) -> None:
    answers = [one.response_model or one.stream_item_type for one in api_routes(api) if one.status_code != 204]
    bodies = [body.field_info.annotation for route in api_routes(api) for body in route.dependant.body_params]
    found = [part for one in answers + bodies for part in get_args(one) or [one]]
    assert [one for one in found if not models_in(one, set())] == []


@practice("update-fields-optional")
def test_what_an_update_leaves_out_is_missing_and_not_null(api: FastAPI) -> None:
    updates = [body for route in api_routes(api) if "PATCH" in route.methods for body in route.dependant.body_params]
    for fields in [update.field_info.annotation.model_fields for update in updates]:
        # An update of one single thing cannot leave it out.
        assert [name for name, field in fields.items() if field.default is not MISSING and len(fields) > 1] == []


@practice("utc-datetime-serialization")
def test_times_are_aware_and_in_utc(sent: Models, read: Models) -> None:
    fields = [field for kind in sent | read for field in kind.model_fields.values()]
    for adapter in map(TypeAdapter[Any], [UtcDatetime, *(field.rebuild_annotation() for field in fields)]):
        if "date-time" in [choice.get("format") for _, choice in choices("", adapter.json_schema())]:
            assert adapter.dump_json(adapter.validate_python("2026-01-01T01:00:00+01:00")) == b'"2026-01-01T00:00:00Z"'
            for wrong in ("2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
                with pytest.raises(ValidationError):
                    adapter.validate_python(wrong)
