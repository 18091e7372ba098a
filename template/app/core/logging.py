"""Structured logs on standard output: JSON in production, readable lines in development."""

import json
import logging
import logging.config
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

request_id: ContextVar[str] = ContextVar("request_id", default="-")
STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time in UTC, level, logger, message, request id, extras, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the record; values that JSON does not know become text."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in STANDARD_ATTRIBUTES}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """One readable line, with the request id that the answer shows."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the record."""
        record.request_id = request_id.get()
        return super().format(record)


def configure_logging(level: str, style: Literal["json", "text"]) -> None:
    """Send every logger, the server's included, through one handler."""
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": style}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {"()": JsonFormatter},
                "text": {
                    "()": TextFormatter,
                    "fmt": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s]: %(message)s",
                },
            },
            "handlers": {"stdout": handler},
            "root": {"level": level, "handlers": ["stdout"]},
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                # The application writes its own access log, with the request id and the route.
                "uvicorn.access": {"handlers": [], "propagate": False},
            },
        }
    )
