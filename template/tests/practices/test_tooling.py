"""Practices of the tools and of the tests themselves."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.exceptions import Conflict
from tests.conftest import Run
from tests.inspection import ROOT, api_routes, dotted, example_of, nodes, operations, text_of, url_of

practice = pytest.mark.practice
DOMAINS = sorted(path.parent.name for path in ROOT.glob("app/*/router.py"))
SEEN: list[FastAPI] = []


@practice("python-version-modern")
def test_one_python_everywhere(pyproject: dict[str, Any]) -> None:
    floor = pyproject["project"]["requires-python"].removeprefix(">=")
    dockerfiles = "".join(text_of(path) for path in ROOT.glob("Dockerfile"))
    images = re.findall(r"^FROM python:(\d+\.\d+)", dockerfiles, re.MULTILINE)
    assert {text_of(".python-version").strip(), *images} == {floor}
    assert pyproject["tool"]["ruff"]["target-version"] == "py" + floor.replace(".", "")


@practice("agent-guide")
def test_guides_name_what_there_is(pyproject: dict[str, Any]) -> None:
    guides = text_of("AGENTS.md") + text_of("README.md")
    assert {"check", *re.findall(r"uv run poe ([\w-]+)", guides)} <= pyproject["tool"]["poe"]["tasks"].keys()
    paths = re.findall(r"`((?:app|migrations|tests)/[\w./]*)`", guides)
    assert [path for path in paths if not (ROOT / path).exists()] == []


@practice("test-dependency-overrides")
@practice("test-fresh-app")
@practice("test-overrides-cleared")
@pytest.mark.parametrize("_repetition", range(2))
async def test_an_override_reaches_one_application(api: FastAPI, app: FastAPI, run: Run, _repetition: int) -> None:
    assert app not in SEEN
    assert app.dependency_overrides == {}
    SEEN.append(app)

    async def refuse() -> None:
        raise Conflict("overridden")

    for route in api_routes(app):
        app.dependency_overrides |= {dependency.call: refuse for dependency in route.dependant.dependencies}
    async with run(app) as client:
        for path, method, operation in operations(api):
            answer = await client.request(method, url_of(path), json=example_of(api, operation))
            assert answer.status_code == 409, path


@cache
def names(part: ast.AST, kind: type[ast.AST]) -> set[str]:
    return {getattr(one, "arg", dotted(one)) for one in ast.walk(part) if isinstance(one, kind)}


@pytest.fixture(scope="module")
def tested() -> list[set[object]]:
    """Return the constants of each test and of what it names or calls, but not of what it is given."""
    defined: dict[str, list[tuple[str, ast.AST]]] = {}
    for file, part in [(file, part) for file, module in nodes(ast.Module, "tests/**/*.py") for part in module.body]:
        for name in {part.name} if hasattr(part, "name") else names(part, ast.Name):
            defined.setdefault(name, []).append((file, part))

    def constants(file: str, part: ast.AST, seen: set[ast.AST]) -> set[object]:
        seen.add(part)
        used = names(part, ast.Name) - (names(part, ast.arg) - names(part, ast.Call))
        known = [found for name in used for found in defined.get(name, []) if found[1] not in seen]
        near = [found for found in known if found[0] == file or "test_" not in Path(found[0]).name]
        said = {one.value for one in ast.walk(part) if isinstance(one, ast.Constant)}
        return said.union(*(constants(*found, seen) for found in near))

    return [constants(*one, set()) for name, found in defined.items() if name[:4].lower() == "test" for one in found]


@practice("test-success-and-error")
def test_every_answer_of_a_domain_is_tested(api: FastAPI, tested: list[set[object]]) -> None:
    for domain in DOMAINS:
        found = [route for route in api_routes(api) if route.endpoint.__module__ == f"app.{domain}.router"]
        documented = [{route.status_code or 200, *map(int, route.responses)} for route in found]
        heads = tuple({"/".join([*route.path.split("/")[:4], ""]) for route in found})
        called = [said for said in tested if any(f"{text}/".startswith(heads) for text in said)]
        # What all of its routes answer comes from the router, and is tested for every router at once; what the settings
        # ask of every change is tested with the first resource.
        elsewhere = set.intersection(*documented) | {428}
        assert set.union(*documented) - elsewhere <= set().union(*called), domain
