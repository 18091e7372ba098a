"""Practices of errors: what the client is told, and what the log."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from app.core.exceptions import DomainError
from app.core.problems import Problem
from tests.conftest import CreateApp, MakeSettings, Run
from tests.inspection import operations, schema_of, subclasses, url_of
from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice
SECRET = "hunter2"
ORIGIN = "https://example.com"
NOTHING = url_of("/{id}")


@pytest.fixture
async def failures(user: AsyncClient) -> list[Response]:
    await user.post(URL, json=BICYCLE)
    return [
        await user.get("/nowhere"),
        await user.put(URL),
        await user.post(URL, json={}),
        await user.post(URL, json=BICYCLE | {"ends_at": BICYCLE["starts_at"]}),
        await user.post(URL, json=BICYCLE),
        await user.get(URL + NOTHING),
    ]


@practice("global-exception-handlers")
async def test_every_kind_of_error_has_a_handler(failures: list[Response]) -> None:
    assert [failure.status_code for failure in failures] == [404, 405, 422, 422, 409, 404]
    assert [failure for failure in failures if failure.headers["Content-Type"] == "application/json"] == []


@practice("error-shape-uniform")
async def test_every_error_is_a_problem(failures: list[Response]) -> None:
    for failure in failures:
        problem = Problem.model_validate_json(failure.content, extra="forbid")
        assert failure.headers["Content-Type"] == "application/problem+json"
        assert (problem.status, problem.instance) == (failure.status_code, failure.url.path)


@practice("error-code-machine-readable")
async def test_every_error_has_a_code(failures: list[Response]) -> None:
    codes = [failure.json()["code"] for failure in failures] + [kind.code for kind in subclasses(DomainError)]
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


@practice("validation-errors-uniform")
async def test_invalid_fields_are_named(failures: list[Response]) -> None:
    errors = [failure.json()["errors"] for failure in failures if failure.status_code == 422]
    assert [list(error[0]) for error in errors] == [["pointer", "code", "message"]] * 2


@practice("domain-exceptions")
def test_domains_raise_errors_of_their_own(api: FastAPI) -> None:
    assert api
    assert subclasses(Exception) - subclasses(DomainError) == {DomainError}


@practice("errors-no-input-echo")
async def test_nothing_comes_back(api: FastAPI, user: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for path, method, operation in operations(api):
        for kind, content in operation.get("requestBody", {"content": {}})["content"].items():
            names = [*schema_of(api, content["schema"])["properties"], "unknown"]
            body: dict[str, Any] = {"data" if "form" in kind else "json": dict.fromkeys(names, SECRET)}
            answer = await user.request(method, url_of(path), **body)
            assert SECRET not in answer.text + caplog.text


@pytest.fixture
def failing_app(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    app = create_app(make_settings(http={"cors_origins": ORIGIN}))

    async def fail() -> None:
        raise RuntimeError(SECRET)

    app.add_api_route("/fail", fail, tags=["test"])
    return app


@practice("unhandled-500-generic")
async def test_an_unexpected_error_tells_nothing(failing_app: FastAPI, run: Run) -> None:
    async with run(failing_app) as client:
        answer = await client.get("/fail", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert SECRET not in answer.text
    assert {"x-request-id", "access-control-allow-origin"} <= answer.headers.keys()


@practice("unhandled-500-generic")
@practice("error-log-severity")
async def test_the_log_knows_who_failed(failing_app: FastAPI, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async with run(failing_app) as client:
        await client.get("/nowhere")
        # What is raised on, the server logs, with its traceback.
        with pytest.raises(RuntimeError):
            await AsyncClient(transport=ASGITransport(failing_app), base_url="http://test").get("/fail")
    assert [record.exc_info for record in caplog.records if record.levelname != "INFO"] == [None]


@practice("not-found-404")
async def test_what_is_not_there_is_not_found(api: FastAPI, user: AsyncClient) -> None:
    for path, method, _ in operations(api):
        if "{" in path:  # some need another role first
            assert (await user.request(method, url_of(path))).status_code in {403, 404}
