"""List the questions with their choices."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

import typer

from fastapi_scaffold.asking.answers import DETECTED, usual
from fastapi_scaffold.asking.questions import Question, load_questionnaire
from fastapi_scaffold.system.console import Console
from fastapi_scaffold.system.errors import ExitCode
from fastapi_scaffold.writing.template import template_root


@dataclass(frozen=True, kw_only=True)
class Options:
    """How `questions` was called."""

    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON Schema.")] = False


def run(options: Options) -> ExitCode:
    """Print every question with its choices and rules, for people as a list and for programs as a JSON Schema."""
    questionnaire = load_questionnaire(template_root())
    if options.as_json:
        from fastapi_scaffold.asking.schema import json_schema

        sys.stdout.write(json.dumps(json_schema(questionnaire)) + "\n")
        return ExitCode.DONE
    console, defaults = Console(sys.stdout), usual(questionnaire)
    for section, members in groupby(questionnaire.questions, lambda question: question.section):
        console.print(section, "bold")
        for question in members:
            for line in _lines(question, defaults.get(question.name)):
                console.print(line)
        console.print("")
    return ExitCode.DONE


def _lines(question: Question, default: str | None) -> Iterator[str]:
    yield f"  {question.flag}: {question.help}"
    if not question.choices:
        yield f"    a text; default: {'the name of the directory' if default is None else question.label(default)}"
    if notation := question.notation:
        yield f"    {notation.form}{notation.between} ..."
        yield f"    as in {question.placeholder}"
        yield from (f"    {line}" for line in notation.lines())
        yield from (f"    {rule}" for rule in notation.rules)
    width = max(map(len, question.values), default=0)
    for choice in question.choices:
        is_default = choice.value == default and question.name != DETECTED
        yield f"    {choice.value:<{width}}  {choice.label}: {choice.hint}{' (default)' if is_default else ''}"
        yield from (f"    {'':<{width}}  {reason}" for reason in choice.needs.values())
    if question.name == DETECTED:
        yield "    The default is the newest that works here."
