"""The answers of a run in which nobody can be asked."""

from collections.abc import Mapping

from fastapi_scaffold.asking.answers import Answers, complete, missing
from fastapi_scaffold.asking.personal import Preferred
from fastapi_scaffold.asking.questions import Question, Questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer


def unanswered(questionnaire: Questionnaire, given: Mapping[str, str]) -> list[Question]:
    """Return the questions that need an answer, and of which `given` says nothing."""
    return [question for question in questionnaire.questions if question.required and question.name not in given]


def answer_defaults(
    questionnaire: Questionnaire, given: Mapping[str, str], suggested: Mapping[str, str], preferred: Preferred
) -> Answers:
    """Return the `given` answers, those that are `suggested`, and what is `preferred` to what nobody answered.

    Raises InvalidAnswer for an answer that is not valid, and for a question that has no default.
    """
    try:
        return complete(questionnaire, {**suggested, **given}, preferred)
    except InvalidAnswer as error:
        name = suggested.get("project_name")
        if name is not None and "project_name" not in given and error.message.startswith("--project-name"):
            message = f"The directory's name \"{name}\" cannot be the project's name. {error.message}"
            raise InvalidAnswer(error.code, message, "Name the project with --project-name.") from error
        raise preferred.explain(error) from error


def answer_all(
    questionnaire: Questionnaire,
    given: Mapping[str, str],
    suggested: Mapping[str, str],
    preferred: Preferred,
    why: str,
) -> Answers:
    """Return the same where each question needs an answer of somebody.

    Raises InvalidAnswer if one has none, with the reason `why` nobody is asked.
    """
    left = unanswered(questionnaire, {**suggested, **given})
    if not left:
        return answer_defaults(questionnaire, given, suggested, preferred)
    # An illegal answer is worth more attention than a missing one.
    examples = {question.name: question.placeholder for question in left if question.default is None}
    answer_defaults(questionnaire, given, {**examples, **suggested}, preferred)
    raise missing(left, f"{why} Use these options, or --defaults for what they leave out.")
