"""Practices of errors: what the client is told, and what the log."""

import re
from typing import Any

import pytest
from fastapi import FastAPI, Response
from httpx2 import ASGITransport, AsyncClient

from app.core.exceptions import Conflict, DomainError, Invalid, NotFound
from app.core.problems import Problem
from app.core.schemas import InputSchema, ShortText
from tests.conftest import Run
from tests.inspection import example_of, operations, schema_of, subclasses, url_of

practice = pytest.mark.practice
SECRET = "hunter2"
JSON = {"Content-Type": "application/json"}
CODE = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")
FAILURES = {"odd": Invalid("It is odd.", fields=("name",)), "taken": Conflict("It is.", fields=("name",))}


class Thing(InputSchema):
    """What the tests send."""

    name: ShortText


@practice("global-exception-handlers")
@practice("error-shape-uniform")
@practice("error-code-machine-readable")
@practice("validation-errors-uniform")
async def test_every_error_is_a_problem(app: FastAPI, run: Run) -> None:
    async def add(thing: Thing) -> None:
        raise FAILURES.get(thing.name, NotFound("It is not there."))

    app.add_api_route("/things", add, methods=["POST"], tags=["test"])
    async with run(app) as client:
        failures = [
            await client.get("/nowhere"),
            await client.put("/things"),
            await client.post("/things", json={"name": "odd", "a/b~c": 1, "d" * 1000: 1}),
            *[await client.post("/things", json={"name": name}) for name in ("odd", "taken", "unknown")],
            await client.post("/things", content="{}", headers={"Content-Type": "text/xml"}),
            *[await client.post("/things", content=sent, headers=JSON) for sent in ("{", b'"\xff"', "[" * 100_000)],
        ]
    assert [failure.status_code for failure in failures] == [404, 405, 422, 422, 409, 404, 415, 400, 400, 400]
    assert failures[2].json()["title"] == "Unprocessable Content"
    for failure in failures:
        problem = Problem.model_validate_json(failure.content, extra="forbid")
        assert failure.headers["Content-Type"] == "application/problem+json"
        assert (problem.status, problem.instance) == (failure.status_code, failure.url.path)
        assert CODE.fullmatch(problem.code)
        assert bool(problem.errors) is (problem.status in {409, 422})
    pointers = [error["pointer"] for error in failures[2].json()["errors"]]
    assert pointers == ["/body/a~1b~0c", "/body/" + "d" * 194]


@practice("error-shape-uniform")
async def test_an_error_without_a_body_stays_as_it_is(app: FastAPI, run: Run) -> None:
    app.add_api_route("/gone", lambda: Response(status_code=410), tags=["test"], response_model=None)
    async with run(app) as client:
        answer = await client.get("/gone")
    assert (answer.status_code, answer.content, "Content-Type" in answer.headers) == (410, b"", False)


@practice("error-code-machine-readable")
@practice("domain-exceptions")
def test_domains_raise_errors_of_their_own(api: FastAPI) -> None:
    assert api
    assert subclasses(Exception) - subclasses(DomainError) == {DomainError}
    assert [kind for kind in subclasses(DomainError) if not CODE.fullmatch(kind.code)] == []


@practice("errors-no-input-echo")
@practice("schema-examples")
async def test_nothing_comes_back(api: FastAPI, user: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for path, method, operation in operations(api):
        for kind, content in operation.get("requestBody", {"content": {}})["content"].items():
            names = [*schema_of(api, content["schema"]).get("properties", ()), "no field"]
            body: dict[str, Any] = {"data" if "form" in kind else "json": dict.fromkeys(names, SECRET)}
            answer = await user.request(method, url_of(path), **body)
            assert SECRET not in answer.text + caplog.text
        answer = await user.request(method, url_of(path), json=example_of(api, operation))
        # There may be no account yet that is like the example.
        assert '"code":"invalid_' not in answer.text.replace("invalid_credentials", ""), path


@practice("unhandled-500-generic")
@practice("error-log-severity")
async def test_an_unexpected_error_tells_nothing_but_to_the_log(
    app: FastAPI, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError(SECRET)

    app.add_api_route("/fail", fail, tags=["test"])
    async with run(app) as client:
        await client.get("/nowhere")
        answer = await client.get("/fail")
        # What is raised on, the server logs, with its traceback.
        with pytest.raises(RuntimeError):
            await AsyncClient(transport=ASGITransport(app), base_url="http://test").get("/fail")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert SECRET not in answer.text
    assert [record.exc_info for record in caplog.records if record.levelname != "INFO"] == [None, None]


@practice("not-found-404")
async def test_what_is_not_there_is_not_found(api: FastAPI, user: AsyncClient) -> None:
    for path, method, _ in operations(api):
        if "{" in path:  # some need another role first
            assert (await user.request(method, url_of(path))).status_code in {403, 404}
