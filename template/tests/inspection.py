"""Look at the application from outside: its source, its routes and its OpenAPI document, whatever has been added."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

ROOT = Path(__file__).parent.parent
METHODS = {"get", "post", "put", "patch", "delete"}


def modules(pattern: str = "app/**/*.py") -> Iterator[tuple[str, ast.Module]]:
    """Yield the path and the syntax tree of each source file that fits the pattern."""
    for path in sorted(ROOT.glob(pattern)):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


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
    """Return where functions or methods with these names are called, as `file:line`."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in modules(pattern)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node).rsplit(".", 1)[-1] in names
    ]


def imports(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield each file that fits the pattern with each module it imports."""
    for path, tree in modules(pattern):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield path, node.module or ""


def routes(app: FastAPI) -> list[Any]:
    """Return every route of the API with what it inherits from its routers (`app.routes` is a tree)."""
    found = [context for context in iter_route_contexts(app.routes) if getattr(context, "endpoint", None)]
    assert len(found) > 2, "no routes found: the checks would pass without looking"
    return found


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
