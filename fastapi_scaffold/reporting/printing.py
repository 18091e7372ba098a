"""A report on standard output: as JSON, as one line, or as text."""

import json
import sys
from dataclasses import replace
from typing import Protocol

from fastapi_scaffold.reporting.report import Report
from fastapi_scaffold.reporting.report_json import as_json
from fastapi_scaffold.reporting.report_text import report_lines, summary
from fastapi_scaffold.system.console import Console
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.shell import typed


class Format(Protocol):
    """How somebody wants to read a report."""

    @property
    def as_json(self) -> bool:
        """As one JSON object."""

    @property
    def quiet(self) -> bool:
        """As one line."""

    @property
    def verbose(self) -> bool:
        """With each practice and its test."""


def print_report(report: Report, form: Format) -> None:
    """Print `report` on stdout in the `form` that was asked for.

    Raises ScaffoldError, with its outcome, if nothing can be printed.
    """
    report = replace(report, next_steps=[typed(step) for step in report.next_steps])
    try:
        _print(report, form)
        sys.stdout.flush()
    except ScaffoldError as error:
        # What was done is done, whether somebody reads it or not.
        message = f"{error.message}\n{summary(report)[0]}"
        raise ScaffoldError(error.code, message, error.hint, error.exit_code) from error


def _print(report: Report, form: Format) -> None:
    if form.as_json:
        sys.stdout.write(json.dumps(as_json(report)) + "\n")
        return
    console = Console(sys.stdout)
    lines = [summary(report)] if form.quiet else list(report_lines(report, console, verbose=form.verbose))
    for text, style in lines:
        console.print(text, style=style)
