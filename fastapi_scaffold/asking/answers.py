"""From what the user said to a complete, valid set of answers."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from fastapi_scaffold.asking.expressions import evaluate
from fastapi_scaffold.asking.questions import Choice, Notation, Question, Questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer

Answers = dict[str, str]
Otherwise = Callable[[Question, Answers], str]

# The only default that depends on the machine.
DETECTED = "python_version"


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
            possible |= question.offers
            continue
        choice = question.choice(given[question.name])
        if choice is None or choice.needs.keys() - possible:
            validate(questionnaire, question, given[question.name], given if question.choices else filled)
        possible |= question.provided(given[question.name])


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
        if reason := obstacle(questionnaire, question, value, earlier):
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
    choice = question.choice(value)
    if reason := impossible(questionnaire, choice, earlier) if choice else "":
        return reason
    if not question.validator:
        return ""
    context: dict[str, object] = {**earlier, question.name: value}
    if question.notation:
        if reason := _not_ascii(value):
            return reason
        singulars = _singulars(_parts(question.notation, value), _parts(question.notation, recorded))
        context["program"] = {"did_you_mean": did_you_mean, "singulars": singulars}
    lines = _evaluate(questionnaire, question.validator, context).splitlines()
    separator = "\n" if question.notation else " "
    return separator.join(" ".join(line.split()) for line in lines if line.strip())


def _not_ascii(value: str) -> str:
    """Return which words of `value` have letters that no name has, and how they can be written, a line for each."""
    import unicodedata

    lines = []
    for word in value.split():
        if not word.isascii() and word.isprintable():
            plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
            instead = f", as in {plain}" if len(plain) == len(word) else ""
            lines.append(f'"{word}" is not possible. Its letters have to be those of ASCII{instead}.')
    return "\n".join(lines)


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
        other.flag: [one.value for one in other.choices if lacking & one.provides] or ["TEXT"]
        for other in questionnaire.questions
        if other.name in earlier and lacking & other.offers
    }
    ways[question.flag] = [name for name in question.values if not obstacle(questionnaire, question, name, earlier)]
    options = (" ".join((flag, "|".join(values))) for flag, values in ways.items() if values)
    return f"Choose {' or '.join(options)}."
