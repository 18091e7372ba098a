"""Practices of the spans that statements have."""

import pytest
from fastapi import FastAPI
from sqlalchemy import column, literal, select, table

from app.database.session import SessionDep
from tests.conftest import Run
from tests.telemetry import CLIENT, Measured, Receiver, attributes_of

practice = pytest.mark.practice


def with_routes(app: FastAPI) -> FastAPI:
    """Return an application with two more routes: one asks the database, the other one for what is not there."""

    @app.get("/asks")
    async def asks(session: SessionDep) -> None:
        await session.execute(select(literal("private")))

    @app.get("/fails")
    async def fails(session: SessionDep) -> None:
        await session.execute(select(column("private_column")).select_from(table("nowhere")))

    return app


@practice("statements-traced")
@practice("traces-without-secrets")
async def test_a_statement_is_part_of_its_request_and_has_no_values(
    measured: Measured, run: Run, receiver: Receiver
) -> None:
    async with run(with_routes(measured())) as client:
        assert (await client.get("/asks")).status_code == 200
    [request] = receiver.spans()
    statements = receiver.spans(CLIENT)
    assert {(span.trace_id, span.parent_span_id) for span in statements} == {(request.trace_id, request.span_id)}
    assert all(span.end_time_unix_nano for span in statements)
    [text] = [attributes_of(span)["db.query.text"] for span in statements if span.name == "SELECT"]
    assert text.startswith("SELECT")
    assert "private" not in str(receiver.received)


@practice("statements-traced")
async def test_a_statement_that_fails_says_of_what_kind(measured: Measured, run: Run, receiver: Receiver) -> None:
    async with run(with_routes(measured())) as client:
        assert (await client.get("/fails")).status_code >= 500
    [failed] = [span for span in receiver.spans(CLIENT) if span.name == "SELECT"]
    assert attributes_of(failed)["error.type"].isidentifier()
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    assert failed.status.message == ""


@practice("statements-traced")
@pytest.mark.parametrize(("path", "ratio"), [("/health/ready", "1"), ("/asks", "0")])
async def test_probes_and_what_is_not_sampled_make_no_spans(
    measured: Measured, run: Run, receiver: Receiver, path: str, ratio: str
) -> None:
    async with run(with_routes(measured(sample_ratio=ratio))) as client:
        assert (await client.get(path)).status_code == 200
    assert receiver.received["/v1/traces"] == []
