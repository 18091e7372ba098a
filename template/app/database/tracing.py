"""A span for each statement of a request that is traced."""

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import ExceptionContext, ExecutionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine


def trace_statements(engine: AsyncEngine) -> None:
    """Make the spans: a statement as it is sent, with placeholders for its values."""
    tracer, system = trace.get_tracer(__name__), engine.dialect.name

    def begin(_on: object, _cursor: object, statement: str, _values: object, run: ExecutionContext, _: bool) -> None:
        # Probes have no span that theirs could belong to.
        if trace.get_current_span().is_recording():
            name, attributes = statement.split(None, 1)[0], {"db.system.name": system, "db.query.text": statement}
            vars(run)["span"] = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def end(_on: object, _cursor: object, _statement: str, _values: object, run: ExecutionContext, _: bool) -> None:
        if span := vars(run).pop("span", None):
            span.end()

    def fail(error: ExceptionContext) -> None:
        if error.execution_context and (span := vars(error.execution_context).pop("span", None)):
            span.set_attribute("error.type", type(error.original_exception).__qualname__)
            span.set_status(StatusCode.ERROR)
            span.end()

    event.listen(engine.sync_engine, "before_cursor_execute", begin)
    event.listen(engine.sync_engine, "after_cursor_execute", end)
    event.listen(engine.sync_engine, "handle_error", fail)
