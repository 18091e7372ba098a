"""Write the README's table of answers from `copier.yml`: `uv run python -m tools.readme`."""

from pathlib import Path

from fastapi_scaffold.answers import DETECTED
from fastapi_scaffold.questions import Question, Questionnaire, load_questionnaire
from fastapi_scaffold.template import template_root

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- answers -->\n", "<!-- /answers -->\n"


def table(questionnaire: Questionnaire) -> str:
    """Return the table of questions and choices."""
    lines = ["| option | asks | choices, the default in bold |", "|---|---|---|"]
    lines += [f"| `{question.flag}` | {question.help} | {_choices(question)} |" for question in questionnaire.questions]
    return "".join(f"{line}\n" for line in lines)


def _choices(question: Question) -> str:
    if not question.choices:
        return f"text; **{question.default or 'the name of the directory'}**"
    if question.name == DETECTED:
        return f"**the newest that works here**, of {', '.join(f'`{value}`' for value in question.values)}"
    # A default that depends on other answers is the first choice that is possible.
    usual = question.default if question.default in question.values else question.values[0]
    return "<br>".join(
        f"{'**' if choice.value == usual else ''}`{choice.value}`{'**' if choice.value == usual else ''}: {choice.hint}"
        for choice in question.choices
    )


def insert(text: str, new: str) -> str:
    """Return `text` with `new` between the two marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{new}{END}{rest.partition(END)[2]}"


def main() -> None:
    """Bring the README up to date."""
    text = README.read_text(encoding="utf-8")
    README.write_text(insert(text, table(load_questionnaire(template_root()))), encoding="utf-8")


if __name__ == "__main__":
    main()
