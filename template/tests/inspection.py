"""Look at the application from outside: its source, its routes and its OpenAPI document, whatever has been added."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

ROOT = Path(__file__).parent.parent
METHODS = {"get", "post", "put", "patch", "delete"}


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules(pattern: str = "app/**/*.py") -> Iterator[tuple[str, ast.Module]]:
    """Yield the path and the syntax tree of each source file that fits the pattern."""
    for path in sorted(ROOT.glob(pattern)):
        yield path.relative_to(ROOT).as_posix(), parse(path)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for an expression of names, of a call without its arguments; else nothing."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
        case ast.Call():
            return dotted(node.func)
    return ""


def calls(*names: str, pattern: str = "app/**/*.py") -> list[str]:
    """Return where functions or methods with these names are called, as `file:line`; `a.b` is called on an `a`."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in modules(pattern)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and f".{dotted(node)}".endswith(tuple(f".{name}" for name in names))
    ]


def imports(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield each file that fits the pattern with each module, and each name of a module, that it imports."""
    for path, tree in modules(pattern):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield path, node.module or ""
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def routes(app: FastAPI) -> list[Any]:
    """Return every route of the API with what it inherits from its routers (`app.routes` is a tree)."""
    found = [context for context in iter_route_contexts(app.routes) if getattr(context, "endpoint", None)]
    assert len(found) > 2, "no routes found: the checks would pass without looking"
    return found


def called(app: FastAPI) -> list[Any]:
    """Return FastAPI's description of each endpoint and of each dependency below it, at any depth."""
    found = [route.dependant for route in routes(app) if route.dependant]
    for dependant in found:
        found += dependant.dependencies
    return found


def api_routes(app: FastAPI) -> list[Any]:
    """Return the routes that FastAPI serves, without the pages of the documentation."""
    return [route for route in routes(app) if hasattr(route, "dependant")]


def dependencies(dependant: Dependant) -> Iterator[Dependant]:
    """Yield an endpoint or a dependency, and all that it depends on."""
    yield dependant
    for inner in dependant.dependencies:
        yield from dependencies(inner)


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and description of each operation in the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    found = [(path, method, operation) for path, item in paths.items() for method, operation in item.items()]
    assert found, "no operations found: the checks would pass without looking"
    return found


def schema_of(app: FastAPI, reference: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` into the components of the OpenAPI document."""
    if "$ref" not in reference:
        return reference
    schema: dict[str, Any] = app.openapi()["components"]["schemas"][reference["$ref"].rsplit("/", 1)[-1]]
    return schema


def example_of(app: FastAPI, operation: dict[str, Any]) -> dict[str, Any]:
    """Return a request body made of the examples of the fields that have to be there."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = schema_of(app, content.get("schema", {}))
    return {name: schema["properties"][name]["examples"][0] for name in schema.get("required", ())}


def bodies(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    """Return the name and the schema of every single value in every request body."""
    return [
        value
        for _, _, operation in operations(app)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for value in values(app, content["schema"])
    ]


def values(
    app: FastAPI, schema: dict[str, Any], name: str = "", seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the schema of every single value and list in a schema; examples count for the parts too."""
    if schema.get("$ref") in seen:
        return
    seen += (schema["$ref"],) if "$ref" in schema else ()
    schema = schema_of(app, schema)
    choices = schema.get("anyOf", []) + schema.get("oneOf", [])
    if any(choice.get("type") == "number" for choice in choices):  # a Decimal may be sent as text, too
        choices = [choice for choice in choices if choice.get("type") != "string"]
    parts = [*schema.get("properties", {}).items(), *((name, part) for part in [*choices, schema.get("items")] if part)]
    if not parts or "items" in schema:
        yield name, schema
    examples = {"examples": schema["examples"]} if "examples" in schema else {}
    for part_name, part in parts:
        yield from values(app, examples | part, part_name, seen)


def subclasses(base: type) -> set[type[Any]]:
    """Return the classes of the application that derive from this one."""
    found = {inner for kind in base.__subclasses__() for inner in {kind, *subclasses(kind)}}
    return {kind for kind in found if kind.__module__.startswith("app.")}


def url_of(path: str) -> str:
    """Return a path with the id of nothing in place of each parameter."""
    return re.sub(r"{\w+}", str(UUID(int=0)), path)
