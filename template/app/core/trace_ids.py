"""Which trace a line of the log belongs to."""

from contextvars import ContextVar

from opentelemetry import trace

last = ContextVar("last", default=trace.INVALID_SPAN_CONTEXT)


def trace_ids() -> dict[str, str]:
    """Return the ids of the span, or of the last one of this request: the server logs after its end."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        last.set(span)
    span = last.get()
    if not span.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}
