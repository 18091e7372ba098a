"""Practices of credentials, for every route there is."""

from inspect import iscoroutinefunction

import pytest
from fastapi import FastAPI
from fastapi.security.base import SecurityBase
from httpx2 import AsyncClient

from app.auth.dependencies import get_caller
from tests.inspection import api_routes, dependants, operations, url_of

practice = pytest.mark.practice


@practice("router-level-deps")
@practice("token-validated-in-dependency")
@practice("auth-401-vs-403")
async def test_strangers_are_challenged_where_the_documentation_says_so(
    api: FastAPI, client: AsyncClient, open_operations: set[str]
) -> None:
    for path, method, operation in operations(api):
        answer = await client.request(method, url_of(path))
        closed = operation["operationId"] not in open_operations
        assert bool(operation.get("security")) is closed, path
        refused = '"code":"unauthenticated"' in answer.text
        assert (answer.status_code == 401) is ("WWW-Authenticate" in answer.headers) is refused is closed, path


@practice("router-level-deps")
def test_routers_ask_who_is_calling(api: FastAPI, open_operations: set[str]) -> None:
    found = [(one, f"{one.tags[0]}-{one.name}") for one in api_routes(api) if one.include_in_schema]
    closed = [route for route, operation in found if operation not in open_operations]
    asked = [(route.path, [one.call for one in route.dependant.dependencies]) for route in closed]
    assert [path for path, called in asked if get_caller not in called] == []


@practice("dep-chaining")
@practice("dep-factories")
def test_rights_rest_on_a_caller_and_a_caller_on_credentials(api: FastAPI) -> None:
    asked = [one for one in dependants(api) if one.call is get_caller]
    for dependant in asked:
        asked += dependant.dependencies  # which are visited in their turn
    assert [one.call for one in asked if one.request_param_name] == [], "a WebSocket is no request"
    links = [(one.call, [inner.call for inner in one.dependencies]) for one in dependants(api)]
    assert {call for call, inner in links if any(isinstance(one, SecurityBase) for one in inner)} == {get_caller}
    checks = [link for link in links if "require.<locals>" in getattr(link[0], "__qualname__", "")]
    assert checks
    assert all(iscoroutinefunction(call) and get_caller in inner for call, inner in checks)


@practice("oauth2-scheme-documented")
def test_the_documentation_page_can_sign_in(api: FastAPI) -> None:
    schemes = api.openapi()["components"]["securitySchemes"].values()
    assert {scheme["type"] for scheme in schemes} <= {"apiKey", "oauth2", "openIdConnect"}
    flows = [flow for scheme in schemes for flow in scheme.get("flows", {}).values()]
    assert {f"/{flow[key]}" for flow in flows for key in flow if key.endswith("Url")} <= api.openapi()["paths"].keys()


@practice("auth-401-vs-403")
@practice("rbac-dependency")
async def test_only_rights_open_what_is_restricted(api: FastAPI, limited: AsyncClient, admin: AsyncClient) -> None:
    for path, method, operation in operations(api):
        refused = [(await caller.request(method, url_of(path))).status_code for caller in (limited, admin)]
        assert (refused[0] == 403) is ("403" in operation["responses"]), path
        assert refused[1] not in {401, 403}, path
