"""Practices of structure and concurrency: who knows whom, and who makes whom wait."""

import ast
import asyncio
import inspect
import re
import sys
import textwrap
from dataclasses import is_dataclass
from enum import Enum
from fnmatch import fnmatch
from importlib import import_module
from itertools import chain, count
from pkgutil import resolve_name
from typing import Any, get_type_hints

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from httpx2 import AsyncClient
from starlette.exceptions import HTTPException

from app.core.exceptions import DomainError
from tests.conftest import CreateApp, MakeSettings
from tests.inspection import (
    ROOT,
    calls,
    dependants,
    dotted,
    example_of,
    meaning,
    nodes,
    operations,
    subclasses,
    text_of,
    url_of,
)

practice = pytest.mark.practice


@practice("async-dependencies")
@practice("async-io-endpoints")
@practice("async-without-await")
@practice("threadpool-limit-known")
def test_nothing_on_the_way_of_a_request_takes_a_thread(api: FastAPI) -> None:
    for function in [*(dependant.call for dependant in dependants(api)), *api.exception_handlers.values()]:
        ways = (function, type(function).__call__)
        assert any(inspect.iscoroutinefunction(way) or inspect.isasyncgenfunction(way) for way in ways), function


@practice("packages-with-init")
def test_packages_are_regular() -> None:
    assert [path for path in ROOT.glob("app/**/*.py") if not path.with_name("__init__.py").exists()] == []


@practice("layers-one-direction")
def test_every_domain_is_under_contract(pyproject: dict[str, Any]) -> None:
    contracts = [contract.get("containers", []) for contract in pyproject["tool"]["importlinter"]["contracts"]]
    domains = [f"app.{router.parent.name}" for router in ROOT.glob("app/*/router.py")]
    assert [domain for domain in domains if not any(fnmatch(domain, name) for name in chain(*contracts))] == []


@practice("di-not-globals")
async def test_no_module_holds_what_requests_get(app: FastAPI) -> None:
    made = [get_type_hints(one.call).get("return") for one in dependants(app) if inspect.isfunction(one.call)]
    async with app.router.lifespan_context(app) as state:
        kinds = {type(one) for one in (state or {}).values() if not isinstance(one, dict)}
    kinds |= {kind for kind in made if inspect.isclass(kind) and kind.__module__.startswith("app.")}
    modules = [(name, module) for name, module in sys.modules.items() if name.split(".")[0] == "app"]
    held = [(place, name, type(one)) for place, module in modules for name, one in vars(module).items()]
    # A function in the cloud keeps its event loop from one call to the next.
    held = [one for one in held if one[2] is not asyncio.Runner]
    ends = {"aclose", "close", "dispose"}
    assert [one for one in held if (one[2] in kinds and not issubclass(one[2], Enum)) or ends & {*dir(one[2])}] == []


@practice("lifespan-yields-state")
async def test_requests_read_what_the_lifespan_yields(app: FastAPI) -> None:
    read = {node.attr for _, node in nodes(ast.Attribute) if dotted(node.value) == "request.state"}
    assert read <= resolve_name("app.main:State").__annotations__.keys()
    async with app.router.lifespan_context(app):
        assert app.state._state == {}


@practice("shared-dependencies-module")
def test_each_dependency_is_declared_once() -> None:
    aliases = [(file, node) for file, node in nodes(ast.Subscript) if meaning(file, node) == "typing.Annotated"]
    made = [(file, call) for file, alias in aliases for call in ast.walk(alias) if isinstance(call, ast.Call)]
    declared = [meaning(file, call.args[0]) for file, call in made if meaning(file, call) == "fastapi.Depends"]
    spelled = re.compile(r"Annotated\[[^=]*Depends\(")  # what a router asks for all of its routes has no name
    assert bool(declared) is any(spelled.search(text_of(path)) for path in ROOT.glob("app/**/*.py"))
    assert len(declared) == len(set(declared))


@practice("app-factory")
@practice("prod-debug-off")
def test_the_factory_builds_what_its_settings_say(create_app: CreateApp, make_settings: MakeSettings) -> None:
    assert create_app(make_settings()).openapi_url
    production = create_app(make_settings("production"))
    assert (production.openapi_url, production.debug) == (None, False)
    assert [place.split(":")[0] for place in calls("FastAPI")] == ["app/main.py"]


@practice("app-entrypoint-declared")
@pytest.mark.usefixtures("create_app")
def test_the_declared_entry_point_is_the_application(pyproject: dict[str, Any]) -> None:
    assert isinstance(resolve_name(pyproject["tool"]["fastapi"]["entrypoint"]), FastAPI)


@practice("no-import-side-effects")
@pytest.mark.usefixtures("create_app")
def test_imports_read_no_settings_and_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in sys.modules if name.split(".")[0] == "app" and name != "app.main"]
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("APP_ENVIRONMENT", "whoever reads the settings fails")
    for start in ("socket.socket.connect", "sqlite3.connect", "subprocess.Popen", "threading.Thread.start"):
        monkeypatch.setattr(start, None)
    for name in names:
        import_module(name)


@practice("lifespan-for-resources")
async def test_the_lifespan_closes_what_it_opens(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, closed = 0, count()
    async with app.router.lifespan_context(app) as state:
        shared = [*(state or {}).values()]
        kinds = [type(one) for one in chain(shared, *(vars(one).values() for one in shared if is_dataclass(one)))]
    for kind in {*kinds}:
        for name in {"aclose", "close", "dispose"} & set(dir(kind)):
            opened += kinds.count(kind)
            close = getattr(kind, name)
            monkeypatch.setattr(kind, name, lambda self, close=close: (next(closed), close(self))[1])
    async with app.router.lifespan_context(app):
        pass
    monkeypatch.setattr("app.main.State", None)
    with pytest.raises(TypeError, match="not callable"):
        async with app.router.lifespan_context(app):
            pass
    assert next(closed) == 2 * opened, "each at the end, and when the start fails half way"


@practice("central-exception-registration")
def test_every_error_has_a_handler_and_all_are_in_one_place(api: FastAPI) -> None:
    for error in (HTTPException, RequestValidationError, *subclasses(DomainError)):
        handlers = [api.exception_handlers[kind] for kind in error.__mro__ if kind in api.exception_handlers]
        assert [handler.__module__ for handler in handlers[:1]] == ["app.core.problems"], error
    places = calls("add_exception_handler", "exception_handler")
    assert {place.split(":")[0] for place in places} == {"app/core/problems.py"}


@practice("async-no-blocking-calls")
async def test_no_request_stalls_the_loop(api: FastAPI, user: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.1

    async def stalls(path: str, method: str, operation: dict[str, Any]) -> bool:
        caplog.clear()
        loop.set_debug(True)
        sys.set_coroutine_origin_tracking_depth(0)  # which is slow, and for another purpose
        await asyncio.sleep(0)  # only what begins now is timed
        await user.request(method, url_of(path), json=example_of(api, operation) or None)
        await asyncio.sleep(0)
        loop.set_debug(False)
        return "asyncio" in [record.name for record in caplog.records]

    # Who has signed out is refused before anything could stall.
    suspects = [one for one in operations(api) if "logout" not in one[2]["operationId"]]
    for _ in range(10):  # a busy machine stalls this one or that; a blocking call stalls its operation each time
        suspects = [one for one in suspects if await stalls(*one)]
    assert [(path, method) for path, method, _ in suspects] == []


@practice("background-tasks-short-only")
def test_background_tasks_get_plain_values(api: FastAPI) -> None:
    for dependant in dependants(api):
        injected = {inner.name for inner in dependant.dependencies} | {dependant.request_param_name}
        source = inspect.getsource(dependant.call) if inspect.isfunction(dependant.call) else ""
        found = [part for part in ast.walk(ast.parse(textwrap.dedent(source))) if isinstance(part, ast.Call)]
        for task in [call for call in found if dotted(call).endswith(".add_task")]:
            given = map(dotted, [*task.args, *(word.value for word in task.keywords)])
            assert injected.isdisjoint([dotted(task.args[0]).split(".")[0], *given]), ast.unparse(task)
