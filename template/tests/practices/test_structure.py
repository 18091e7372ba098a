"""Practices of structure: what is where, and who knows whom."""

import ast
import sys
from collections import Counter
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, get_type_hints

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.core.exceptions import DomainError
from tests.conftest import CreateApp, MakeSettings
from tests.inspection import ROOT, called, calls, dotted, imports, modules, routes

practice = pytest.mark.practice
DOMAINS = sorted(path.parent.name for path in ROOT.glob("app/*/router.py"))
CLOSERS = ("aclose", "close", "dispose")
FILE_TYPES = {"controllers", "crud", "models", "repositories", "routers", "schemas", "services"}
WEB = ("fastapi", "starlette")


def classes() -> list[type]:
    loaded = [module for name, module in sys.modules.items() if name.startswith("app.")]
    found = [value for module in loaded for value in vars(module).values() if isinstance(value, type)]
    return [cls for cls in found if cls.__module__.startswith("app.")]


def importers(pattern: str, *roots: str) -> list[tuple[str, str]]:
    return [(path, name) for path, name in imports(pattern) if f"{name}.".startswith(tuple(f"{root}." for root in roots))]


@practice("app-factory")
def test_the_factory_builds_what_its_settings_say(create_app: CreateApp, make_settings: MakeSettings) -> None:
    development, production = create_app(make_settings()), create_app(make_settings("production"))
    assert development.openapi_url
    assert not production.openapi_url
    assert [place.split(":")[0] for place in calls("FastAPI")] == ["app/main.py"]


@practice("app-entrypoint-declared")
def test_the_declared_entry_point_is_the_application(create_app: CreateApp, pyproject: dict[str, Any]) -> None:
    assert create_app
    assert isinstance(resolve_name(pyproject["tool"]["fastapi"]["entrypoint"]), FastAPI)


@practice("no-import-side-effects")
def test_imports_need_no_settings_and_start_nothing(monkeypatch: pytest.MonkeyPatch, create_app: CreateApp) -> None:
    paths = [path.removesuffix(".py").removesuffix("/__init__") for path, _ in modules() if path != "app/main.py"]
    names = [path.replace("/", ".") for path in paths]
    for name in names:
        import_module(name)
    assert create_app
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("APP_ENVIRONMENT", "settings cannot be read")
    for start in ("socket.socket.connect", "sqlite3.connect", "subprocess.Popen", "threading.Thread.start"):
        monkeypatch.delattr(start)
    for name in names:
        import_module(name)


@practice("routers-per-domain")
def test_routers_bring_their_own_options(app: FastAPI) -> None:
    endpoints = {route.endpoint.__module__ for route in routes(app) if route.dependant}
    assert endpoints <= {"app.core.health", *(f"app.{domain}.router" for domain in DOMAINS)}
    for path, tree in modules():
        for node in ast.walk(tree):
            options = {keyword.arg for keyword in node.keywords} if isinstance(node, ast.Call) else set()
            assert not (dotted(node).endswith(".include_router") and options), path
            assert dotted(node) != "APIRouter" or not path.endswith("router.py") or {"prefix", "tags"} <= options, path


@practice("domain-packages")
def test_code_is_grouped_by_domain() -> None:
    assert FILE_TYPES.isdisjoint(path.name for path in ROOT.glob("app/*"))
    for domain in DOMAINS:
        assert {"dependencies.py", "schemas.py", "service.py"} <= {path.name for path in ROOT.glob(f"app/{domain}/*")}
        users = [path for path, _ in importers("app/**/*.py", f"app.{domain}.repository")]
        assert [path for path in users if not path.startswith(f"app/{domain}/")] == []


@practice("layers-one-direction")
def test_layers_know_only_what_is_below(pyproject: dict[str, Any]) -> None:
    for layer in ("service", "repository", "models", "exceptions"):
        assert importers(f"app/**/{layer}.py", *WEB) == []
    forbidden = [f"app.{domain}.repository" for domain in DOMAINS]
    assert importers("app/**/router.py", "sqlalchemy", "app.database", *forbidden) == []
    contracts = [row for row in pyproject["tool"]["importlinter"]["contracts"] if row["type"] == "layers"]
    assert {f"app.{domain}" for domain in DOMAINS} <= {name for row in contracts for name in row["containers"]}


@practice("service-layer")
def test_rules_are_in_services(app: FastAPI) -> None:
    assert importers("app/**/service.py", *WEB, "app.core.problems") == []
    for path, tree in modules("app/**/router.py"):
        assert [f"{path}:{node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.Raise)] == []
    hints = [get_type_hints(dependant.call).get("return") for dependant in called(app) if hasattr(dependant.call, "__name__")]
    injected = {getattr(hint, "__module__", "") for hint in hints}
    assert {f"app.{domain}.service" for domain in DOMAINS} <= injected


@practice("schema-vs-model-naming")
def test_schemas_validate_and_models_are_stored(create_app: CreateApp) -> None:
    assert create_app
    for cls in [cls for cls in classes() if cls.__module__.split(".")[1] in DOMAINS]:
        module = cls.__module__.rsplit(".", 1)[-1]
        assert not issubclass(cls, BaseModel) or module in {"schemas", "config"}, cls
        assert not hasattr(cls, "__tablename__") or module == "models", cls


@practice("packages-with-init")
def test_packages_are_regular() -> None:
    assert [path for path, _ in modules() if not (ROOT / path).with_name("__init__.py").exists()] == []


@practice("lifespan-for-resources")
async def test_the_lifespan_closes_what_it_opens(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Any] = []

    def watch(resource: type, name: str) -> None:
        close = getattr(resource, name)
        monkeypatch.setattr(resource, name, lambda opened: [closed.append(opened), close(opened)][1])

    async with app.router.lifespan_context(app) as state:
        found = [(value, name) for value in (state or {}).values() for name in CLOSERS if hasattr(value, name)]
        for value, name in found:
            watch(type(value), name)
    assert closed == [value for value, _ in reversed(found)]
    monkeypatch.setattr("app.main.State", None)
    with pytest.raises(TypeError, match="not callable"):
        async with app.router.lifespan_context(app):
            pass
    assert len(closed) == 2 * len(found)


@practice("lifespan-yields-state")
async def test_resources_travel_as_lifespan_state(app: FastAPI) -> None:
    async with app.router.lifespan_context(app) as state:
        yielded = set(state or {})
    used = [node for _, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = [node for node in used if f".{dotted(node.value)}".endswith((".app.state", ".request.state"))]
    assert {node.attr for node in used} == yielded
    assert [node.attr for node in used if isinstance(node.ctx, ast.Store)] == []


@practice("shared-dependencies-module")
def test_each_dependency_is_declared_once() -> None:
    declared = [
        (ast.unparse(call.args[0]), path)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and dotted(node.value) == "Annotated"
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and dotted(call) == "Depends"
    ]
    assert [name for name, count in Counter(name for name, _ in declared).items() if count > 1] == []
    assert [path for _, path in declared if path.endswith("router.py")] == []


@practice("central-exception-registration")
def test_one_function_registers_all_exception_handlers(app: FastAPI) -> None:
    for error in (DomainError, HTTPException, RequestValidationError):
        assert app.exception_handlers[error].__module__ == "app.core.problems"
    places = calls("add_exception_handler", "exception_handler", "register_exception_handlers")
    assert {place.split(":")[0] for place in places} == {"app/core/problems.py", "app/main.py"}


@practice("tests-outside-package")
def test_tests_are_beside_the_package() -> None:
    assert [path for path, _ in modules() if Path(path).name.startswith(("test_", "conftest"))] == []
    assert importers("app/**/*.py", "pytest", "tests") == []
    assert [domain for domain in DOMAINS if not list(ROOT.glob(f"tests/{domain}/test_*.py"))] == []


@practice("protocol-at-boundaries")
def test_protocols_are_met_without_inheritance(create_app: CreateApp) -> None:
    assert create_app
    protocols = [cls for cls in classes() if getattr(cls, "_is_protocol", False)]
    assert protocols
    for protocol in protocols:
        methods = {name: signature(method) for name, method in vars(protocol).items() if name[0] != "_"}
        strangers = [cls for cls in classes() if protocol not in cls.__mro__ and methods.keys() <= set(dir(cls))]
        assert [cls for cls in strangers if all(signature(getattr(cls, name)) == methods[name] for name in methods)]
