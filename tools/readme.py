"""Write the README's table of answers, and the rules behind it, from `copier.yml`: `uv run python -m tools.readme`."""

from pathlib import Path

from fastapi_scaffold.asking.answers import DETECTED, usual
from fastapi_scaffold.asking.pages import pages
from fastapi_scaffold.asking.questions import Question, Questionnaire, load_questionnaire
from fastapi_scaffold.writing.template import template_root

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- answers -->\n", "<!-- /answers -->\n"


def table(questionnaire: Questionnaire) -> str:
    """Return the table of questions and choices, and the rules for answers that are lists."""
    lines = ["| option | asks | choices, the default in bold |", "|---|---|---|"]
    defaults = usual(questionnaire)
    lines += [
        f"| `{question.flag}` | {question.help} | {_choices(question, defaults.get(question.name))} |"
        for page in pages(questionnaire.questions)
        for question in page.questions
    ]
    for question in questionnaire.questions:
        if question.notation:
            lines += ["", f"In `{question.flag}`:", "", *(f"- {rule}" for rule in question.notation.rules)]
    return "".join(f"{line}\n" for line in lines)


def _choices(question: Question, default: str | None) -> str:
    if notation := question.notation:
        words = ", ".join(f"`{word}`" for word in notation.words)
        takers = "".join(f"; `{modifier}` with {takers}" for modifier, takers in notation.modifiers.items())
        return f"text; **none**, or `{notation.form}{notation.between} ...` where TYPE is {words}{takers}"
    if not question.choices:
        return f"text; **{'the name of the directory' if default is None else default}**"
    if question.name == DETECTED:
        return f"**the newest that works here**, of {', '.join(f'`{value}`' for value in question.values)}"
    shown = {choice.value: f"`{choice.value}`" for choice in question.choices}
    if default:
        shown[default] = f"**{shown[default]}**"
    return "<br>".join(f"{shown[choice.value]}: {choice.hint}" for choice in question.choices)


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
