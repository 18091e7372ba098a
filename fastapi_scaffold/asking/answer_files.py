"""Answers as texts: `name=value` on the command line, files in YAML or JSON."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from fastapi_scaffold.asking.answers import Answers
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.system.shell import typed


def parse_data(pairs: Iterable[str]) -> Answers:
    """Turn `name=value` arguments into answers. Raises InvalidAnswer for one that has no `=` or comes twice."""
    answers: Answers = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise InvalidAnswer(
                "invalid_data",
                f'--data "{pair}" is not of the form name=value.',
                "Write for instance --data database=none.",
            )
        name = question_name(name.strip())
        if name in answers:
            hint = "Give one answer to each question."
            raise InvalidAnswer("invalid_data", f'--data answers "{name}" twice.', hint)
        answers[name] = value
    return answers


def question_name(name: str) -> str:
    """Return the name of a question that may be spelled like its option."""
    return name.replace("-", "_")


def read_file(name: str) -> Answers:
    """Return the answers in the file `name`, or in standard input if that is "-". Raises InvalidAnswer."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = "Name a file of answers in YAML or JSON, or - for standard input."
        raise InvalidAnswer("invalid_file", f"{name} cannot be read: {reason}.", hint) from error
    return parse_file(text, "standard input" if name == "-" else name)


def parse_file(text: str, name: str) -> Answers:
    """Turn the content of the answers file `name`, YAML or JSON, into answers.

    What begins with an underscore is left out, so that the answers file of a project will do.
    Raises InvalidAnswer for content that is not a mapping of texts.
    """
    try:
        document = _parse(text)
    except _Repeated as error:
        raise InvalidAnswer(
            "invalid_file", f'In {name} there are two answers to "{error}".', _file_hint(text)
        ) from error
    except RecursionError as error:
        raise InvalidAnswer("invalid_file", f"{name} is nested too deeply to be answers.", _file_hint(text)) from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise InvalidAnswer("invalid_file", f"{name} is neither YAML nor JSON: {reason}.", _file_hint(text)) from error
    if not isinstance(document, dict):
        raise InvalidAnswer("invalid_file", f"{name} has no answers in it.", _file_hint(text))
    answers = {}
    for key, value in document.items():
        if isinstance(key, str) and key.startswith("_"):
            continue
        if isinstance(key, str) and isinstance(value, str):
            answers[question_name(key)] = value
        else:
            raise InvalidAnswer("invalid_file", f'In {name} the answer to "{key}" is not a text.', _file_hint(text))
    return answers


def _file_hint(text: str) -> str:
    """Return how answers are written, in the form that `text` has already."""
    listing = typed("fastapi-scaffold questions")
    example = '"database": "none"' if text.lstrip()[:1] in {"{", "["} else "database: none"
    return f"Write a line for each answer, such as `{example}`. `{listing}` lists the questions."


class _Repeated(Exception):
    """There is a key twice, of which parsers drop one in silence."""


def _unrepeated(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if question_name(key) in map(question_name, found):
            raise _Repeated(key)
        found[key] = value
    return found


def _parse(text: str) -> object:
    """Return what `text` says as JSON, or else as YAML. Raises ValueError if it is neither, _Repeated for a key."""
    import json

    import yaml

    try:
        # A number is a text, as in YAML.
        return json.loads(text, object_pairs_hook=_unrepeated, parse_int=str, parse_float=str)
    except ValueError:
        try:
            # Every scalar is a text: to YAML itself 3.10 is a number and `no` is false.
            loader = yaml.BaseLoader(text)
            node = loader.get_single_node()
            if isinstance(node, yaml.MappingNode):
                _unrepeated((key.value, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
            return loader.construct_document(node) if node else None
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark
            where = f" in line {at.line + 1}, column {at.column + 1}" if at else ""
            raise ValueError(f"{error.problem}{where}") from error
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error


def format_file(answers: Mapping[str, str]) -> str:
    """Return the content of a file that `parse_file` reads back as `answers`."""
    import yaml

    return yaml.safe_dump(dict(answers), sort_keys=False, allow_unicode=True)
