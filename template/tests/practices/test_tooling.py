"""Practices of the tools and of the tests themselves."""

import ast
import re
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.exceptions import Conflict
from tests.conftest import Run
from tests.inspection import ROOT, api_routes, example_of, nodes, operations, url_of

practice = pytest.mark.practice
DOMAINS = sorted(path.parent.name for path in ROOT.glob("app/*/router.py"))
SEEN: list[FastAPI] = []


@practice("python-version-modern")
def test_one_python_everywhere(pyproject: dict[str, Any]) -> None:
    floor = pyproject["project"]["requires-python"].removeprefix(">=")
    dockerfiles = "".join(path.read_text() for path in ROOT.glob("Dockerfile"))
    images = re.findall(r"^FROM python:(\d+\.\d+)", dockerfiles, re.MULTILINE)
    assert {(ROOT / ".python-version").read_text().strip(), *images} == {floor}
    assert pyproject["tool"]["ruff"]["target-version"] == "py" + floor.replace(".", "")


@practice("agent-guide")
def test_guides_name_what_there_is(pyproject: dict[str, Any]) -> None:
    guides = (ROOT / "AGENTS.md").read_text() + (ROOT / "README.md").read_text()
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


@practice("test-success-and-error")
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_answer_of_a_domain_is_tested_beside_it(api: FastAPI, domain: str) -> None:
    found = [route for route in api_routes(api) if route.endpoint.__module__ == f"app.{domain}.router"]
    documented = [{route.status_code or 200, *map(int, route.responses)} for route in found]
    tested = {node.value for _, node in nodes(ast.Constant, f"tests/{domain}/*.py")}
    # What all of its routes answer comes from the router, and is tested for every router at once.
    assert set.union(*documented) - set.intersection(*documented) <= tested
