"""Practices of the function."""

import json
import sys
from collections.abc import Callable, Iterator
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from tests.inspection import text_of

practice = pytest.mark.practice
FUNCTION = yaml.safe_load(text_of("deploy/template.yaml"))["Resources"]["Function"]["Properties"]
MODULE, NAME = FUNCTION["Handler"].rsplit(".", 1)
Invoke = Callable[..., dict[str, Any]]


def event(method: str, path: str, body: str = "") -> dict[str, Any]:
    """Return what an HTTP API sends (payload format 2.0)."""
    host = "abc.execute-api.eu-west-1.amazonaws.com"
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "curl"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": host, "content-type": "application/json", "x-forwarded-proto": "https"},
        "requestContext": {"domainName": host, "http": http, "requestId": "1", "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def invoke(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    """Load the function as Lambda does, and stop it as Lambda does; it must have started once."""
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    with patch.dict("os.environ", environment), patch("signal.signal") as signals, patch("atexit.register") as at_exit:
        state = resolve_name("app.main:State")
        with patch("app.main.State", wraps=state) as started:
            handler = resolve_name(f"{MODULE}:{NAME}")
            yield lambda *request: handler(event(*request), None)
        with pytest.raises(SystemExit, match="0"):
            signals.call_args.args[1](None, None)
        at_exit.call_args.args[0]()
    assert started.call_count == 1


@practice("lambda-start-once")
def test_invocations_share_what_the_start_has_opened(invoke: Invoke) -> None:
    for _ in range(3):
        answer = invoke("GET", "/health/ready")
        assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (200, "ok")


@practice("lambda-start-once")
def test_errors_are_text_and_not_base64(invoke: Invoke) -> None:
    answer = invoke("GET", "/nothing")
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (404, False)
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "not_found"


@practice("locked-dependencies")
def test_the_package_is_what_is_locked_for_the_runtime(pyproject: dict[str, Any]) -> None:
    _, export, install = (step["cmd"] for step in pyproject["tool"]["poe"]["tasks"]["package"]["sequence"])
    assert export.startswith("uv export ")
    assert " --locked " in export
    version = FUNCTION["Runtime"].removeprefix("python")
    for option in ("--no-deps", "--only-binary :all:", f"--python-version {version}"):
        assert f" {option} " in " ".join(install.split())
