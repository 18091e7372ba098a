"""The questions as a JSON Schema, against which an answers file can be checked before it is used."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi_scaffold.asking.answers import usual
from fastapi_scaffold.asking.questions import Question, Questionnaire


def json_schema(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the schema of an answers file. What only the program can judge, such as a name, it leaves to it."""
    questions, defaults = questionnaire.questions, usual(questionnaire)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers for fastapi-scaffold new",
        "type": "object",
        "properties": {question.name: _property(question) for question in questions},
        # An answers file of Copier, whose own entries begin so, is an answers file here.
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
        "allOf": [
            rule for index, question in enumerate(questions) for rule in _rules(question, questions[:index], defaults)
        ],
    }


def _property(question: Question) -> dict[str, Any]:
    if not question.choices:
        text: dict[str, Any] = {"description": question.help, "type": "string"}
        if notation := question.notation:
            words = "; ".join(f"{word}: {hint}" for word, hint in notation.rows().items())
            text["description"] = " ".join(
                [question.help, f"{notation.form}{notation.between} ... {words}.", *notation.rules]
            )
            text["pattern"] = notation.pattern
        return text | ({"examples": [question.placeholder]} if question.placeholder else {})
    return {
        "description": question.help,
        "oneOf": [
            {"const": choice.value, "title": choice.label, "description": choice.hint} for choice in question.choices
        ],
    }


def _rules(
    question: Question, earlier: tuple[Question, ...], defaults: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Yield a rule for each capability that a choice needs: one of the earlier answers must provide it."""
    for choice in question.choices:
        for capability, reason in choice.needs.items():
            chosen = {"properties": {question.name: {"const": choice.value}}, "required": [question.name]}
            yield {"description": reason, "if": chosen, "then": _provided(capability, earlier, defaults)}


def _provided(capability: str, earlier: tuple[Question, ...], defaults: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the rule that one of these questions provides a capability."""
    providers = [_provides(one, capability, earlier[:index], defaults) for index, one in enumerate(earlier)]
    return {"anyOf": [rule for rule in providers if rule] or [False]}


def _provides(
    question: Question, capability: str, earlier: tuple[Question, ...], defaults: Mapping[str, str]
) -> Mapping[str, Any]:
    if capability not in question.offers:
        return {}
    if question.notation:
        return {
            "properties": {question.name: {"pattern": f"[^ {question.notation.between}]"}},
            "required": [question.name],
        }
    values = [choice.value for choice in question.choices if capability in choice.provides]
    rule: dict[str, Any] = {"properties": {question.name: {"enum": values}}, "required": [question.name]}
    default = next((choice for choice in question.choices if choice.value == defaults.get(question.name)), None)
    if default is None or default.value not in values:
        return rule
    # Without an answer the default is taken, which may provide it too, where it is possible itself.
    needs = [_provided(need, earlier, defaults) for need in default.needs]
    return {"anyOf": [rule, {"not": {"required": [question.name]}} | ({"allOf": needs} if needs else {})]}
