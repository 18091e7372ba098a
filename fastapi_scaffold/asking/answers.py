"""From what the user said to a complete, valid set of answers."""

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from fastapi_scaffold.asking.expressions import evaluate
from fastapi_scaffold.asking.questions import Choice, Notation, Question, Questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.system.shell import typed

Answers = dict[str, str]
Otherwise = Callable[[Question, Answers], str]

# The only default that depends on the machine.
DETECTED = "python_version"


def parse_data(pairs: Iterable[str]) -> Answers:
    """Turn `name=value` arguments into answers. Raises InvalidAnswer for one without an equals sign."""
    answers = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise InvalidAnswer(
                "invalid_data",
                f'--data "{pair}" is not of the form name=value.',
                "Write for instance --data database=none.",
            )
        answers[name.strip().replace("-", "_")] = value
    return answers


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
        raise InvalidAnswer("invalid_file", f'In {name} there are two answers to "{error}".', _file_hint()) from error
    except RecursionError as error:
        raise InvalidAnswer("invalid_file", f"{name} is nested too deeply to be answers.", _file_hint()) from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise InvalidAnswer("invalid_file", f"{name} is neither YAML nor JSON: {reason}.", _file_hint()) from error
    if not isinstance(document, dict):
        raise InvalidAnswer("invalid_file", f"{name} has no answers in it.", _file_hint())
    answers = {key: value for key, value in document.items() if not (isinstance(key, str) and key.startswith("_"))}
    for key, value in answers.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise InvalidAnswer("invalid_file", f'In {name} the answer to "{key}" is not a text.', _file_hint())
    return answers


def _file_hint() -> str:
    listing = typed("fastapi-scaffold questions")
    return f"Write a line for each answer, such as `database: none`. `{listing}` lists the questions."


class _Repeated(Exception):
    """There is a key twice, of which parsers drop one in silence."""


def _unrepeated(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(key)
        found[key] = value
    return found


def _parse(text: str) -> object:
    """Return what `text` says as JSON, or else as YAML. Raises ValueError if it is neither, _Repeated for a key."""
    import json

    import yaml

    try:
        return json.loads(text, object_pairs_hook=_unrepeated)
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


def check_names(questionnaire: Questionnaire, given: Iterable[str]) -> None:
    """Raise InvalidAnswer if `given` names a question that does not exist."""
    names = [question.name for question in questionnaire.questions]
    for name in given:
        if name not in names:
            hint = did_you_mean(name, names) or f"The questions are {', '.join(names)}."
            raise InvalidAnswer("unknown_question", f'There is no question "{name}".', hint)


def check_given(questionnaire: Questionnaire, given: Mapping[str, str]) -> None:
    """Raise InvalidAnswer for an answer that would be refused whatever the questions left open are answered with.

    A text is judged as if these were answered with their defaults; `complete` judges it again when all is known.
    """
    check_names(questionnaire, given)
    filled = usual(questionnaire, given)
    possible: set[str] = set()
    for question in questionnaire.questions:
        if question.name not in given:
            possible.update(*(choice.provides for choice in question.choices))
            continue
        choice = question.choice(given[question.name])
        if choice is None or choice.needs.keys() - possible:
            validate(questionnaire, question, given[question.name], given if question.choices else filled)
        else:
            possible |= choice.provides


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return a question about the nearest of `words`, or nothing when none is near."""
    spelled = {candidate.lower(): candidate for candidate in words}
    near = difflib.get_close_matches(word.lower(), spelled, n=len(spelled) or 1)

    def likeness(candidate: str) -> tuple[float, int]:
        # Among equals, such as versions, what is nearest in the alphabet.
        distance = sum(abs(ord(one) - ord(other)) for one, other in zip(candidate, word.lower(), strict=False))
        return difflib.SequenceMatcher(None, candidate, word.lower()).ratio(), -distance

    return f"Did you mean {spelled[max(near, key=likeness)]}?" if near else ""


def complete(questionnaire: Questionnaire, given: Mapping[str, str], otherwise: Otherwise | None = None) -> Answers:
    """Return an answer to every question, in order: the given ones, and for the others what `otherwise` answers.

    `otherwise` gets the question and the answers before it; without it the defaults are taken.
    Raises InvalidAnswer for an unknown name, an illegal or impossible answer, and a question that has no default.
    """
    check_names(questionnaire, given)
    answers: Answers = {}
    for question in questionnaire.questions:
        if question.name in given:
            value = spelled(questionnaire, question, given[question.name])
            validate(questionnaire, question, value, answers)
            answers[question.name] = value
        elif otherwise:
            answers[question.name] = spelled(questionnaire, question, otherwise(question, answers))
        else:
            answers[question.name] = required_default(questionnaire, question, answers)
    return answers


def spelled(questionnaire: Questionnaire, question: Question, value: str, recorded: str = "") -> str:
    """Return an answer that is a list with each plural that only English knows: `person` becomes `person/people`.

    What is `recorded` already means what it meant.
    """
    notation = question.notation
    if notation is None or not notation.plural:
        return value
    known = _parts(notation, recorded)
    parts = value.split(notation.between)
    return notation.between.join(
        part if part.strip() in known else _with_plural(questionnaire, notation, part) for part in parts
    )


def _parts(notation: Notation, value: str) -> list[str]:
    return [part.strip() for part in value.split(notation.between) if part.strip()]


def _with_plural(questionnaire: Questionnaire, notation: Notation, part: str) -> str:
    from fastapi_scaffold.asking.plurals import plural, singular

    name = next(iter(part.split()), "")
    if not re.fullmatch("[a-z0-9_]*[a-z0-9]", name) or singular(name):
        return part
    many = plural(name)
    known = many == _evaluate(questionnaire, notation.plural, {"name": name})
    return part if known or not re.fullmatch("[a-z0-9_]+", many) else part.replace(name, f"{name}/{many}", 1)


def required_default(questionnaire: Questionnaire, question: Question, earlier: Mapping[str, str]) -> str:
    """Return the default of `question`. Raises InvalidAnswer if it has none."""
    value = default(questionnaire, question, earlier)
    if value is None:
        raise missing([question])
    return value


def missing(questions: Iterable[Question], hint: str = "Answer with the option above.") -> InvalidAnswer:
    """Return the error for `questions` that nobody answered and that may not be asked."""
    lines = [f"  {question.flag} {'|'.join(question.values) or 'TEXT'}" for question in questions]
    return InvalidAnswer("missing_answers", "There is no answer to:\n" + "\n".join(lines), hint)


def validate(
    questionnaire: Questionnaire, question: Question, value: str, earlier: Mapping[str, str], recorded: str = ""
) -> None:
    """Raise InvalidAnswer if `value` is no answer to `question` after the `earlier` answers.

    In what is `recorded` of it already the names are not judged as English.
    """
    if _has_surrogates(value):
        raise InvalidAnswer("invalid_answer", f"{question.flag}: It is not UTF-8.", "Check the terminal's encoding.")
    if question.choices:
        choice = question.choice(value)
        if choice is None:
            legal = ", ".join(question.values)
            hint = did_you_mean(value, question.values) or f"Choose with {question.flag} {'|'.join(question.values)}."
            raise InvalidAnswer("invalid_answer", f'{question.flag} is one of {legal}, not "{value}".', hint)
        reason = impossible(questionnaire, choice, earlier)
        if reason:
            raise InvalidAnswer(
                "impossible_combination",
                f"{question.flag} {value} is not possible here. {reason}",
                _ways_out(questionnaire, question, choice, earlier),
            )
    elif reason := obstacle(questionnaire, question, value, earlier, recorded):
        raise InvalidAnswer("invalid_answer", f"{question.flag}: {reason}", f"Choose another one with {question.flag}.")


def impossible(questionnaire: Questionnaire, choice: Choice, earlier: Mapping[str, str]) -> str:
    """Return why `choice` cannot follow the `earlier` answers, or nothing when it can."""
    provided = questionnaire.capabilities(earlier)
    return " ".join(reason for capability, reason in choice.needs.items() if capability not in provided)


def obstacle(
    questionnaire: Questionnaire, question: Question, value: str, earlier: Mapping[str, str], recorded: str = ""
) -> str:
    """Return why `value`, one of the choices or a text, cannot follow the `earlier` answers; nothing when it can.

    Each reason is a line. In what is `recorded` of a text already the names are not judged as English.
    """
    if choice := question.choice(value):
        return impossible(questionnaire, choice, earlier)
    if not question.validator:
        return ""
    context: dict[str, object] = {**earlier, question.name: value}
    if question.notation:
        singulars = _singulars(_parts(question.notation, value), _parts(question.notation, recorded))
        context["program"] = {"did_you_mean": did_you_mean, "singulars": singulars}
    lines = _evaluate(questionnaire, question.validator, context).splitlines()
    separator = "\n" if question.notation else " "
    return separator.join(" ".join(line.split()) for line in lines if line.strip())


def _singulars(parts: Iterable[str], recorded: Iterable[str]) -> dict[str, str]:
    """Return the names that are plurals, each with its singular."""
    from fastapi_scaffold.asking.plurals import singular

    names = [part.split()[0] for part in parts if part not in set(recorded)]
    found = {name: singular(name) for name in names if "/" not in name}
    return {name: one for name, one in found.items() if one}


def default(questionnaire: Questionnaire, question: Question, earlier: Mapping[str, str]) -> str | None:
    """Return the answer to take when none is given, or None for a question that must be answered."""
    if question.choices:
        possible = [choice.value for choice in question.choices if not impossible(questionnaire, choice, earlier)]
        preferred = _detected(tuple(possible)) if question.name == DETECTED else question.default
        return preferred if preferred in possible else next(iter(possible), None)
    return suggestion(questionnaire, question, earlier)


def usual(questionnaire: Questionnaire, given: Mapping[str, str] | None = None) -> Answers:
    """Return what is answered on any machine when nobody says more than `given`.

    That is without the questions that have no default.
    """
    answers = dict(given or {})
    for question in questionnaire.questions:
        if question.name in answers:
            continue
        value = question.default if question.name == DETECTED else default(questionnaire, question, answers)
        if value is not None:
            answers[question.name] = value
    return answers


def suggestion(questionnaire: Questionnaire, question: Question, earlier: Mapping[str, str]) -> str | None:
    """Return the default that `copier.yml` gives `question`, or None if it gives none."""
    if question.default is None:
        return None
    return _evaluate(questionnaire, question.default, earlier)


def derive(questionnaire: Questionnaire, name: str, answers: Mapping[str, str]) -> str:
    """Return the value that `copier.yml` computes from the answers under `name`."""
    return _evaluate(questionnaire, questionnaire.derived[name], answers)


def _evaluate(questionnaire: Questionnaire, expression: str, answers: Mapping[str, object]) -> str:
    return evaluate(expression, {**questionnaire.tables, **answers}, questionnaire.root)


@lru_cache(maxsize=1)
def _detected(versions: tuple[str, ...]) -> str:
    from fastapi_scaffold.asking.pythons import newest_working

    return newest_working(versions)


def _has_surrogates(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _ways_out(questionnaire: Questionnaire, question: Question, choice: Choice, earlier: Mapping[str, str]) -> str:
    lacking = choice.needs.keys() - questionnaire.capabilities(earlier)
    ways = {
        other.flag: [candidate.value for candidate in other.choices if lacking & candidate.provides]
        for other in questionnaire.questions
        if other.name in earlier
    }
    ways[question.flag] = [other.value for other in question.choices if not impossible(questionnaire, other, earlier)]
    options = (" ".join((flag, "|".join(values))) for flag, values in ways.items() if values)
    return f"Choose {' or '.join(options)}."
