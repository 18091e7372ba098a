"""What is kept outside of projects: the user's own defaults, and the answers of the last run of the wizard."""

import json
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from fastapi_scaffold.asking.answer_files import question_name
from fastapi_scaffold.asking.answers import Answers, check_given, obstacle, required_default
from fastapi_scaffold.asking.questions import Question, Questionnaire
from fastapi_scaffold.system.errors import ExitCode, InvalidAnswer, ScaffoldError

APPLICATION = "fastapi-scaffold"
_VARIABLE = "FASTAPI_SCAFFOLD_CONFIG"


def home_directory() -> Path:
    """Return the user's home directory, and for a user who has none the root, as containers do."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return Path(os.sep if home == "~" else home)


def config_file() -> Path:
    """Return where the user's defaults are, whether the file exists or not."""
    if named := os.environ.get(_VARIABLE):
        return Path(named)
    return _directory("XDG_CONFIG_HOME", "APPDATA", ".config") / "config.toml"


def last_answers_file() -> Path:
    """Return where the answers of the last run of the wizard are."""
    return _directory("XDG_CACHE_HOME", "LOCALAPPDATA", ".cache") / "last-answers.json"


def load_defaults(questionnaire: Questionnaire) -> Answers:
    """Return the user's own defaults, none without a file. Raises ScaffoldError for a file that cannot be used."""
    path = config_file()
    answers = _read_defaults(path)
    try:
        check_given(questionnaire, answers)
    except InvalidAnswer as error:
        raise _unusable(path, f"cannot be used. {error.message}", error.hint) from error
    return answers


def _read_defaults(path: Path) -> Answers:
    try:
        # A version is a number to TOML, and a text here.
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except OSError as error:
        named = os.environ.get(_VARIABLE)
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not named:
            return {}
        hint = f"{_VARIABLE} names it: set that to another file or to nothing, or use --no-config." if named else ""
        raise _unusable(path, f"cannot be read: {error.strerror}", hint) from error
    except UnicodeDecodeError as error:
        raise _unusable(path, "is not UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unusable(path, f"is not TOML: {error}") from error
    if unknown := sorted(document.keys() - {"answers"}):
        hint = "It may have [answers] and nothing else."
        raise _unusable(path, f"has something that is not known: {unknown[0]}", hint)
    answers = document.get("answers", {})
    if not isinstance(answers, dict) or not all(isinstance(value, str) for value in answers.values()):
        hint = 'Below [answers], write for instance: database = "none"'
        raise _unusable(path, "has an answer that is not a text", hint)
    return {question_name(name): value for name, value in answers.items()}


class Preferred:
    """Answers for questions that were left open: the user's own where it is possible, else the template's default.

    `used` and `passed_over` tell afterwards which of them mattered.
    """

    def __init__(self, questionnaire: Questionnaire, preferred: Mapping[str, str]) -> None:
        self._questionnaire = questionnaire
        self._preferred = preferred
        self.used: list[Question] = []
        self.passed_over: dict[str, str] = {}

    def __call__(self, question: Question, earlier: Answers) -> str:
        """Return an answer to `question` after the `earlier` ones."""
        value = self._preferred.get(question.name)
        if value is None:
            return required_default(self._questionnaire, question, earlier)
        if reason := obstacle(self._questionnaire, question, value, earlier):
            self.passed_over[question.name] = reason
            return required_default(self._questionnaire, question, earlier)
        self.used.append(question)
        return value

    def explain(self, error: InvalidAnswer) -> InvalidAnswer:
        """Return `error` with the user's own answers that were used before it, for they may be the reason."""
        if not self.used:
            return error
        return InvalidAnswer(error.code, "\n".join([error.message, *self.announcement()]), error.hint)

    def announcement(self) -> Iterator[str]:
        """Yield what to tell the user, who may have forgotten the file."""
        if self.used:
            answers = " ".join(f"{question.flag} {self._preferred[question.name]}" for question in self.used)
            yield f"Using {answers} from {config_file()}"
        for name, reason in self.passed_over.items():
            yield f"Not using {name} {self._preferred[name]} from {config_file()}: {reason}"


def load_last_answers(questionnaire: Questionnaire) -> Answers:
    """Return the choices of the last run of the wizard that still exist; none when there are none."""
    try:
        recorded = json.loads(last_answers_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(recorded, dict):
        return {}
    return {
        question.name: recorded[question.name]
        for question in questionnaire.questions
        if question.choices and question.choice(recorded.get(question.name, "")) is not None
    }


def save_last_answers(answers: Mapping[str, str]) -> None:
    """Keep `answers` for the next run of the wizard, where there is a place to keep them."""
    path = last_answers_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dict(answers), indent=2) + "\n", encoding="utf-8")
    except OSError:
        # A convenience: a machine without a home directory does without it.
        return


def _directory(variable: str, windows: str, fallback: str) -> Path:
    named = os.environ.get(windows if sys.platform == "win32" else variable, "")
    # By its specification a relative path in an XDG variable does not count.
    return (Path(named) if Path(named).is_absolute() else home_directory() / fallback) / APPLICATION


def _unusable(path: Path, what: str, hint: str = "") -> ScaffoldError:
    hint = hint or "Correct the file, or use --no-config to do without it."
    return ScaffoldError("invalid_config", f"{path} {what}.".replace("..", "."), hint, ExitCode.USAGE)
