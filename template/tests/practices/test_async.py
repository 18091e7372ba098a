"""Practices of concurrency: no request waits for a thread, and none makes the others wait."""

import ast
import asyncio
import inspect
import re
from textwrap import dedent
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.inspection import called, dotted, example_of, imports, operations, routes

practice = pytest.mark.practice
BLOCKING = {"MySQLdb", "boto3", "ftplib", "httpx", "psycopg2", "pymysql", "requests", "smtplib", "sqlite3", "urllib3"}


def is_async(function: Any) -> bool:
    candidates = (function, type(function).__call__)
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in candidates)


@practice("async-io-endpoints")
@practice("async-without-await")
def test_endpoints_are_coroutines_and_use_no_blocking_driver(app: FastAPI) -> None:
    assert [route.path for route in routes(app) if route.dependant and not is_async(route.endpoint)] == []
    assert [use for use in imports("app/**/*.py") if use[1].split(".")[0] in BLOCKING or use[1] == "urllib.request"] == []


@practice("async-dependencies")
@practice("async-without-await")
@practice("threadpool-limit-known")
def test_nothing_on_the_way_of_a_request_takes_a_thread(app: FastAPI) -> None:
    assert [dependant.call for dependant in called(app) if not is_async(dependant.call)] == []
    assert [handler for handler in app.exception_handlers.values() if not is_async(handler)] == []


@practice("async-no-blocking-calls")
async def test_no_request_stalls_the_loop(app: FastAPI, user: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.1
    for _ in range(3):  # a busy machine may stall once, a blocking call does each time
        caplog.clear()
        loop.set_debug(True)
        for path, method, operation in operations(app):
            await user.request(method, re.sub("{.+?}", str(uuid4()), path), json=example_of(app, operation) or None)
        loop.set_debug(False)
        stalls = [record.getMessage() for record in caplog.records if record.name == "asyncio"]
        if not stalls:
            return
    pytest.fail("\n".join(stalls))


@practice("background-tasks-short-only")
def test_background_tasks_get_plain_values(app: FastAPI) -> None:
    for dependant in called(app):
        injected = {dependency.name for dependency in dependant.dependencies} | {dependant.request_param_name}
        source = dedent(inspect.getsource(dependant.call)) if inspect.isfunction(dependant.call) else ""
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and dotted(node).endswith(".add_task"):
                task, *values = [dotted(value) for value in (*node.args, *(word.value for word in node.keywords))]
                assert injected.isdisjoint({task.split(".")[0], *values}), f"{dependant.call} hands on {injected}"
