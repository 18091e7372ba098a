"""Look at the application from outside: its source, its routes and its OpenAPI document, whatever has been added."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

ROOT = Path(__file__).parent.parent


def practices(names: str, *table: tuple[str, *tuple[object, ...]]) -> pytest.MarkDecorator:
    """Run a test once for each row of a table, whose first column is the practice that the row proves."""
    rows = [
        pytest.param(*values, marks=pytest.mark.practice(name), id=f"{name}-{number}")
        for number, (name, *values) in enumerate(table)
    ]
    return pytest.mark.parametrize(names, rows)


def text_of(name: str | Path) -> str:
    """Return what a file of the project says."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def parse(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for an expression of names, without arguments in parentheses or brackets; else nothing."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
        case ast.Call():
            return dotted(node.func)
        case ast.Subscript():
            return dotted(node.value)
    return ""


def nodes(kind: type[ast.AST] | tuple[type[ast.AST], ...], pattern: str = "app/**/*.py") -> Iterator[tuple[str, Any]]:
    """Yield the path and each part of this kind of the source files that fit the pattern."""
    for path in sorted(ROOT.glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        yield from ((name, node) for node in parse(path) if isinstance(node, kind))


@cache
def origins(file: str) -> dict[str, str]:
    """Return what the names stand for that a file imports or defines: `a.b.c`, whatever it calls them."""
    package, found = file.removesuffix(".py").split("/"), dict[str, str]()
    for node in parse(ROOT / file):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef() if not node.col_offset:
                found[node.name] = ".".join([*package, node.name])
            case ast.Import():
                found |= {one.asname: one.name for one in node.names if one.asname}
                found |= {name: name for one in node.names if not one.asname for name in one.name.split(".")[:1]}
            case ast.ImportFrom():
                start = [*package[: -node.level], *filter(None, [node.module])] if node.level else [node.module or ""]
                found |= {one.asname or one.name: ".".join([*start, one.name]) for one in node.names}
    return found


def meaning(file: str, node: ast.AST) -> str:
    """Return what an expression of names stands for, as `asyncio.gather`; with a dot before it where nobody knows."""
    first, dot, rest = dotted(node).partition(".")
    found = origins(file).get(first, f".{first}") + dot + rest
    module, _, name = found.rpartition(".")
    passed_on = f"{module.replace('.', '/')}.py"
    return origins(passed_on).get(name, found) if first in origins(file) and (ROOT / passed_on).exists() else found


def calls(*names: str, pattern: str = "app/**/*.py") -> list[str]:
    """Return where functions or methods of others, with these names, are called, as `file:line`."""
    found = [(f".{meaning(file, node)}", f"{file}:{node.lineno}") for file, node in nodes(ast.Call, pattern)]
    return [place for name, place in found if name.endswith(tuple(f".{one}" for one in names)) and name[:5] != ".app."]


def imports(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield each file that fits the pattern with each module it imports."""
    for path, node in nodes((ast.Import, ast.ImportFrom), pattern):
        if isinstance(node, ast.ImportFrom):
            yield path, node.module or ""
        else:
            yield from ((path, alias.name) for alias in node.names)


def api_routes(app: FastAPI) -> list[Any]:
    """Return the routes of the API with what they inherit from their routers (`app.routes` is a tree)."""
    found = [context for context in iter_route_contexts(app.routes) if hasattr(context, "dependant")]
    assert len(found) >= 2, "no routes found: the checks would pass without looking"
    return found


def dependants(app: FastAPI) -> list[Dependant]:
    """Return each endpoint, and all that it depends on."""
    found = [route.dependant for route in api_routes(app)]
    for dependant in found:
        found += dependant.dependencies  # which are visited in their turn
    return found


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and description of each operation in the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    found = [(path, method, operation) for path, item in paths.items() for method, operation in item.items()]
    documented = any(route.include_in_schema for route in api_routes(app))
    assert bool(found) is documented, "no operations found: the checks would pass without looking"
    return found


def schema_of(app: FastAPI, reference: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` into the components of the OpenAPI document."""
    if "$ref" not in reference:
        return reference
    schema: dict[str, Any] = app.openapi()["components"]["schemas"][reference["$ref"].rsplit("/", 1)[-1]]
    return schema


def example_of(app: FastAPI, operation: dict[str, Any]) -> dict[str, Any]:
    """Return a request body made of the documented examples."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = schema_of(app, content.get("schema", {})).get("properties", {}).items()
    parts = [(name, schema_of(app, field | one)) for name, field in fields for one in field.get("anyOf", [field])]
    return {it: (one.get("examples") or one.get("enum") or [True])[0] for it, one in parts if one.get("type") != "null"}


def subclasses(base: type[Any]) -> set[type[Any]]:
    """Return the classes of the application that derive from this one."""
    found: set[type[Any]] = set()
    for kind in base.__subclasses__():
        found |= {kind, *subclasses(kind)}
    own = [(kind, sys.modules.get(kind.__module__)) for kind in found if kind.__module__.startswith("app.")]
    # A module that was imported twice leaves classes behind that nothing uses.
    return {kind for kind, module in own if getattr(module, kind.__name__, None) is kind}


def url_of(path: str) -> str:
    """Return a path with the id of nothing in place of each parameter."""
    return re.sub(r"{\w+}", str(UUID(int=0)), path)
