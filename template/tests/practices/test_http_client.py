"""Practices of the calls that the application makes itself."""

import ast
import re
import socket
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.inspection import calls, meaning, nodes, operations, url_of

practice = pytest.mark.practice


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[AsyncClient]:
    """Return the clients that are made from now on."""
    clients: list[AsyncClient] = []
    make = AsyncClient.__init__

    def noted(self: AsyncClient, *args: Any, **values: Any) -> None:
        clients.append(self)
        make(self, *args, **values)

    monkeypatch.setattr(AsyncClient, "__init__", noted)
    return clients


@practice("shared-http-client")
async def test_requests_share_a_client(api: FastAPI, user: AsyncClient, made: list[AsyncClient]) -> None:
    assert calls("AsyncClient")
    made.clear()
    for path, method, _ in operations(api):
        assert (await user.request(method, url_of(path))).status_code < 500
    assert made == []


@practice("shared-http-client")
async def test_the_client_lives_as_long_as_the_application(app: FastAPI, made: list[AsyncClient]) -> None:
    async with app.router.lifespan_context(app):
        assert made
        assert not any(client.is_closed for client in made)
    assert all(client.is_closed for client in made)


@practice("http-timeouts")
async def test_every_call_ends(app: FastAPI, made: list[AsyncClient]) -> None:
    async with app.router.lifespan_context(app):
        patience = [seconds for client in made for seconds in client.timeout.as_dict().values()]
    assert patience
    assert all(seconds is not None and seconds <= 30 for seconds in patience)
    built = [node for file, node in nodes(ast.Call) if re.fullmatch(r"httpx2\.(Async)?Client", meaning(file, node))]
    assert [one.lineno for one in built if not {"timeout", "limits"} <= {word.arg for word in one.keywords}] == []


@practice("test-external-mocked")
def test_tests_stay_on_this_machine() -> None:
    with pytest.raises(pytest.fail.Exception, match="reach"), socket.socket() as stranger:
        stranger.connect(("192.0.2.1", 80))
    with pytest.raises(pytest.fail.Exception, match="reach"):
        socket.getaddrinfo("example.com", 443)
