"""Practices of operations, their documentation, and the dependencies behind them."""

import ast
import re
from collections.abc import Callable
from importlib.metadata import metadata
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app import DISTRIBUTION
from app.core.health import live
from tests.conftest import Run
from tests.inspection import api_routes, nodes, operations, practices, url_of

practice = pytest.mark.practice


def is_list(route: Any) -> bool:
    """Tell what answers with many things; a cart has items, too, but they are no schemas."""
    items = getattr(route.response_model, "model_fields", {}).get("items")
    return "list[" in str(route.response_model) or "list[app." in str(getattr(items, "annotation", ""))


def is_page(route: Any) -> bool:
    fields = {*getattr(route.response_model, "model_fields", ())}
    return fields - {"next"} == {"items", "total", "limit", "offset"}


def replaces(route: Any) -> bool:
    found = [body for one in (route.dependant, *route.dependant.dependencies) for body in one.body_params]
    return any("required=True" in str(body.field_info.annotation.model_fields) for body in found)


def documents_errors(route: Any, operation: dict[str, Any]) -> bool:
    expected = {"422", *(["404"] if "{" in route.path else []), *(["401"] if operation["security"] else [])}
    problems = {code for code, answer in operation["responses"].items() if "application/problem+json" in str(answer)}
    return expected <= problems == {code for code in operation["responses"] if code > "4"}


@practice("error-responses-documented")
def test_what_the_documentation_refers_to_is_there(api: FastAPI) -> None:
    document = api.openapi()
    names = re.findall(r"#/components/schemas/([^']+)", str(document))
    assert {"Problem", *names} == {*document["components"]["schemas"]}


@practices(
    "is_right",
    ("api-version-prefix", lambda route, _: route.path.startswith("/api/v1/")),
    ("http-verbs", lambda route, _: len(route.methods) == 1),
    ("http-verbs", lambda route, op: "GET" not in route.methods or "requestBody" not in op),
    ("patch-for-partial", lambda route, _: "PUT" not in route.methods or replaces(route)),
    ("response-schema-declared", lambda one, _: one.response_model or one.stream_item_type or one.status_code == 204),
    ("status-codes-explicit", lambda route, _: route.status_code or not route.methods & {"POST", "DELETE"}),
    ("docstrings", lambda route, _: route.endpoint.__doc__),
    ("route-documentation", lambda _, op: op.get("summary") and op.get("description") and op.get("tags")),
    ("error-responses-documented", documents_errors),
    ("request-id", lambda _, op: all("X-Request-ID" in answer["headers"] for answer in op["responses"].values())),
    ("bounded-pagination", lambda route, op: not is_list(route) or str(op).count("'maximum'") > 1),
    ("consistent-collections", lambda route, _: not is_list(route) or is_page(route)),
    ("public-uuid-ids", lambda route, op: str(op).count("'format': 'uuid'") >= route.path.count("{")),
    ("operation-ids-stable", lambda route, op: op["operationId"] == f"{route.tags[0]}-{route.name}"),
    ("dep-io-validation", lambda route, _: not route.dependant.path_params),
)
def test_every_operation(api: FastAPI, is_right: Callable[[Any, dict[str, Any]], bool]) -> None:
    found = {(path, method.upper()): operation for path, method, operation in operations(api)}
    routes = [(route, min(route.methods)) for route in api_routes(api) if route.include_in_schema]
    assert [(route.path, method) for route, method in routes if not is_right(route, found[route.path, method])] == []


@practice("rest-resource-names")
def test_ids_follow_collections_that_are_named_in_the_plural(api: FastAPI) -> None:
    paths = {route.path for route in api_routes(api) if route.include_in_schema}
    assert [path for path in paths if not re.fullmatch(r"(/[a-z0-9-]+|/{\w+})+", path)] == []
    domains = {route.endpoint.__module__.split(".")[-2] for route in api_routes(api)}
    for route in [route for route in api_routes(api) if route.path in paths]:
        for found in re.finditer(r"/{(\w+)}", route.path):
            collection = route.path[: found.start()]
            noun, one = collection.rpartition("/")[2].replace("-", "_"), found[1].removesuffix("_id")
            assert collection in paths, route.path
            # People, mice and series: the domain is called so, or the id is of one person.
            assert noun in domains or (noun != one and (noun[-1] == "s" or noun[0] == one[0])), route.path


@practice("no-trailing-slash")
async def test_a_slash_at_the_end_makes_another_path(api: FastAPI, client: AsyncClient) -> None:
    for path in api.openapi()["paths"]:
        assert not path.endswith("/")
        assert (await client.get(f"{url_of(path)}/")).status_code == 404


@practice("http-verbs")
async def test_every_path_tells_its_methods(api: FastAPI, user: AsyncClient) -> None:
    for path, item in api.openapi()["paths"].items():
        known = {method.upper() for method in item} | {"OPTIONS"} | ({"HEAD"} if "get" in item else set())
        for method, status in (("OPTIONS", 204), ("TRACE", 405)):
            answer = await user.request(method, url_of(path))
            assert (answer.status_code, {*answer.headers["Allow"].split(", ")}) == (status, known), path
    head, get = await user.head("/health"), await user.get("/health")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", f"{len(get.content)}")


@practice("operation-ids-stable")
def test_a_route_needs_no_tag(app: FastAPI) -> None:
    app.add_api_route("/hello", live)
    assert app.openapi()["paths"]["/hello"]["get"]["operationId"] == "live"


@practice("openapi-metadata")
async def test_documentation_and_log_name_the_version(api: FastAPI, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    package = metadata(DISTRIBUTION)
    info = api.openapi()["info"]
    assert (bool(info["title"]), info["version"], info["description"]) == (True, package["Version"], package["Summary"])
    caplog.set_level("INFO")
    async with run(api):
        assert package["Version"] in caplog.text


@practice("openapi-metadata")
async def test_a_proxy_may_put_it_below_a_path(api: FastAPI) -> None:
    async with AsyncClient(transport=ASGITransport(api, root_path="/shop"), base_url="http://test/shop") as client:
        assert "/shop/openapi.json" in (await client.get("/docs")).text
        assert (await client.put("/api/v1/nothing")).headers["Cache-Control"] == "no-store"


@practice("dep-reraise")
def test_no_generator_swallows_an_exception() -> None:
    found = [list(ast.walk(function)) for _, function in nodes(ast.AsyncFunctionDef)]
    generators = [parts for parts in found if any(isinstance(part, ast.Yield) for part in parts)]
    handlers = [part for parts in generators for part in parts if isinstance(part, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if not isinstance(handler.body[-1], ast.Raise)] == []
