"""Where answers come from: options, --data, a file, the user's own defaults; and that it does not matter which."""

import io
import json
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from fastapi_scaffold import cli
from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.personal import last_answers_file
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.template import template_root
from tests.console import Cli, tree
from tests.terminal import CTRL_C, CTRL_U, DOWN, ENTER, UP

REAL = load_questionnaire(template_root())
ONLY_FILES = ("--no-verify", "--no-git")


def recorded(project: Path) -> dict[str, str]:
    return yaml.safe_load((project / ".copier-answers.yml").read_text())


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("FASTAPI_SCAFFOLD_CONFIG", str(path))
    return path


# ── an answers file ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize(
    "text",
    [
        '{"database": "none", "python_version": "3.11"}',
        '{"database": "none", "python_version": 3.11}',
        '{"database": "none", "python-version": 3.11}',
        "database: none\npython_version: 3.11\n",
        "database: none\npython-version: 3.11\n",
    ],
)
def test_yaml_and_json(run: Cli, workplace: Path, text: str) -> None:
    (workplace / "answers").write_text(text)
    assert run("new", "x", "-y", *ONLY_FILES, "--answers", "answers").code == 0
    answers = recorded(workplace / "x")
    assert (answers["database"], answers["python_version"]) == ("none", "3.11")


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("line", ['python_version = "3.11"', "python_version = 3.11", "python-version = 3.11"])
def test_own_defaults_are_spelled_like_answers(run: Cli, workplace: Path, config: Path, line: str) -> None:
    config.write_text(f"[answers]\n{line}\n")
    assert run("new", "x", "-y", *ONLY_FILES).code == 0
    assert recorded(workplace / "x")["python_version"] == "3.11"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--data", "ci=none", "--data", "ci=github"], '--data answers "ci" twice.'),
        (["-d", "python-version=3.11", "-d", "python_version=3.12"], '--data answers "python_version" twice.'),
        (["--answers", "a.yml", "--answers", "b.yml"], "--answers is given 2 times."),
        (["--ci", "none", "--ci=none"], "--ci is given 2 times."),
        (["--on-existing", "merge", "--on-existing", "error"], "--on-existing is given 2 times."),
    ],
)
def test_no_answer_is_dropped_in_silence(run: Cli, workplace: Path, arguments: list[str], error: str) -> None:
    result = run("new", "x", "-y", "-y", *arguments)
    assert (result.code, result.err.splitlines()[0]) == (2, f"error: {error}")
    assert tree(workplace) == []


@pytest.mark.usefixtures("small_template")
def test_standard_input(run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("database: none"))
    assert run("new", "x", "-y", *ONLY_FILES, "--answers", "-").code == 0
    assert recorded(workplace / "x")["database"] == "none"


@pytest.mark.usefixtures("small_template")
def test_the_answers_of_a_project_make_the_same_project(run: Cli, workplace: Path) -> None:
    run("new", "x", "-y", *ONLY_FILES, "--settings", "single", "--save-answers", "saved.yml")
    for name, source in {"y": "x/.copier-answers.yml", "z": "saved.yml"}.items():
        assert run("new", name, *ONLY_FILES, "--answers", source).code == 0
        assert recorded(workplace / name) == recorded(workplace / "x")


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("place", ["x/saved.yml", "/dev/null"])
def test_answers_are_saved_where_there_is_a_place_in_time(run: Cli, workplace: Path, place: str) -> None:
    assert run("new", "x", "-y", "--no-verify", "--save-answers", place).code == 0
    assert (workplace / place).exists()


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize(
    ("before", "code"),
    [("", 0), ("ci: none\n", 0), ('{"ci": "none"}', 0), ("buy: milk\n", 2), ("milk", 2), (b"\xff", 2)],
    ids=repr,
)
def test_only_answers_are_replaced_by_answers(run: Cli, workplace: Path, before: str | bytes, code: int) -> None:
    content = before if isinstance(before, bytes) else before.encode()
    (workplace / "a.yml").write_bytes(content)
    assert run("new", "x", "-y", "--no-verify", "--save-answers", "a.yml").code == code
    assert ((workplace / "a.yml").read_bytes() == content) is (code != 0)


@pytest.mark.usefixtures("small_template", "fake_uv")
def test_answers_that_cannot_be_saved_leave_a_whole_project(
    run: Cli, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "a.yml").mkdir()
    monkeypatch.setattr("fastapi_scaffold.writing.saved_answers._unsavable", lambda _path, _directory: 0)
    assert run("new", "x", "-y", "--save-answers", "a.yml").code == 1
    done = subprocess.run(["git", "log", "--oneline"], cwd=workplace / "x", capture_output=True, check=True)
    assert done.stdout.count(b"\n") == 1


@pytest.mark.usefixtures("small_template")
def test_what_nothing_answers_need_not_be_said(run: Cli, workplace: Path) -> None:
    said = [word for one in REAL.questions if one.required for word in (one.flag, (one.values or ["x"])[0])]
    assert run("new", "x", *ONLY_FILES, *said).code == 0
    assert recorded(workplace / "x")["resources"] == ""


@pytest.mark.usefixtures("small_template")
def test_the_first_source_wins(run: Cli, workplace: Path, config: Path) -> None:
    values = ["", "", "", ""]
    config.write_text('[answers]\ndescription = "config"\n')
    (workplace / "a.yml").write_text("description: file\n")
    sources = [["--description", "flag"], ["--data", "description=data"], ["--answers", "a.yml"], []]
    for index in range(len(sources)):
        arguments = [word for source in sources[index:] for word in source]
        assert run("new", f"x{index}", "-y", *ONLY_FILES, *arguments).code == 0
        values[index] = recorded(workplace / f"x{index}")["description"]
    assert values == ["flag", "data", "file", "config"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("databse: none", 'There is no question "databse".'),
        ("database: tape", "--database is one of"),
        ("- a", "a.yml has no answers in it."),
        ("database: [", "a.yml is neither YAML nor JSON"),
        ('{"database": null}', 'In a.yml the answer to "database" is not a text.'),
        ("database: {a: b}", 'In a.yml the answer to "database" is not a text.'),
        ("database: none\ndatabase: sqlite", 'In a.yml there are two answers to "database".'),
        ('{"database": "none", "database": "sqlite"}', 'In a.yml there are two answers to "database".'),
        ("python-version: 3.11\npython_version: 3.12", 'In a.yml there are two answers to "python_version".'),
        pytest.param(f"database: {'[' * 50_000}", "a.yml is nested too deeply to be answers.", id="deep YAML"),
        pytest.param(f'{{"database": {"[" * 50_000}', "a.yml is nested too deeply to be answers.", id="deep JSON"),
        ("project_name: no!", "--project-name: A name has at most"),
        ("database: none\nauth: jwt", "--auth jwt is not possible here. JWT sign-in keeps accounts"),
        (None, "a.yml cannot be read: No such file or directory."),
        (b"\xff", "a.yml cannot be read: it is not UTF-8."),
    ],
)
def test_a_file_that_cannot_be_used(run: Cli, workplace: Path, text: str | bytes | None, error: str) -> None:
    if text is not None:
        (workplace / "a.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run("new", "x", "-y", "--answers", "a.yml")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {error}")
    assert "\n\nhint: " in result.err
    as_json = run("new", "x", "-y", "--answers", "a.yml", "--json")
    assert json.loads(as_json.out)["error"]["message"].startswith(error)
    assert not (workplace / "x").exists()


# ── the user's own defaults ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("small_template")
def test_own_defaults_are_used_and_announced(run: Cli, workplace: Path, config: Path) -> None:
    config.write_text('[answers]\ndatabase = "none"\nsettings = "single"\n')
    result = run("new", "x", "-y", *ONLY_FILES)
    assert result.err.startswith(f"Using --database none --settings single from {config}\n")
    assert recorded(workplace / "x").items() >= {"database": "none", "settings": "single"}.items()
    assert "--no-config" in result.out
    assert "--database none" in result.out
    without = run("new", "y", "-y", *ONLY_FILES, "--no-config")
    assert without.err == "Created y with 6 files\n"
    assert recorded(workplace / "y")["settings"] == "by_domain"


@pytest.mark.usefixtures("small_template")
def test_an_own_default_gives_way_where_it_is_impossible(run: Cli, workplace: Path, config: Path) -> None:
    config.write_text('[answers]\nauth = "jwt"\n')
    result = run("new", "x", "-y", *ONLY_FILES, "--database", "none")
    assert result.code == 0
    assert result.err.startswith(f"Not using auth jwt from {config}: JWT sign-in keeps accounts")
    assert recorded(workplace / "x")["auth"] != "jwt"


REFERS = "customer name:str; bill amount:money customer:ref:customer"


@pytest.mark.usefixtures("small_template")
@pytest.mark.parametrize("source", ["flag", "file", "config"])
def test_resources_alone(run: Cli, workplace: Path, config: Path, source: str) -> None:
    (workplace / "a.yml").write_text(f"resources: {REFERS}\n" if source == "file" else "{}")
    config.write_text(f'[answers]\nresources = "{REFERS}"\n' if source == "config" else "")
    flags = ["--resources", REFERS] if source == "flag" else []
    result = run("new", "x", "-y", *ONLY_FILES, "--answers", "a.yml", *flags)
    assert (result.code, recorded(workplace / "x")["resources"]) == (0, REFERS)
    # What is said to make the same project does.
    again = shlex.split(result.out.splitlines()[-1])
    (workplace / "x").rename(workplace / "before")
    assert run(*again[1:], "--no-verify").code == 0
    assert recorded(workplace / "x") == recorded(workplace / "before")


@pytest.mark.usefixtures("small_template")
def test_own_resources_give_way_where_they_are_impossible(run: Cli, workplace: Path, config: Path) -> None:
    config.write_text(f'[answers]\nresources = "{REFERS}"\n')
    result = run("new", "x", "-y", *ONLY_FILES, "--database", "none")
    assert result.code == 0
    assert 'customer:ref:customer" is not possible. References need a database' in result.err
    assert recorded(workplace / "x")["resources"] == ""


# ── the schema ────────────────────────────────────────────────────────────────────────────────────────────────────────


def schema(run: Cli) -> dict[str, Any]:
    result = run("questions", "--json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_schema_is_a_schema(run: Cli) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(run))
    assert schema(run)["properties"].keys() == {question.name for question in REAL.questions}


CHOICES = {q.name: st.sampled_from([*q.values, "other"]) for q in REAL.questions if q.choices}
LISTS = {"resources": st.sampled_from(["", " ; ", "vendor name:str", "vendor"])}
PARTIAL = st.fixed_dictionaries({}, optional=CHOICES | LISTS)


@settings(max_examples=200, deadline=None)
@given(answers=PARTIAL)
def test_the_schema_and_the_program_agree(answers: dict[str, str]) -> None:
    from fastapi_scaffold.asking.schema import json_schema

    validator = jsonschema.Draft202012Validator(json_schema(REAL))
    try:
        # With a version, so that nobody looks for interpreters.
        complete(REAL, {"project_name": "x", "python_version": "3.11", **answers})
        accepted = True
    except InvalidAnswer:
        accepted = False
    assert validator.is_valid(answers) is accepted


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("", True),
        (" ; ", True),
        ("vendor name:str", True),
        ("  leaf/leaves  width:decimal:optional ;bill amount:money due_date:date leaf:ref:leaf;", True),
        ("bill state:enum:draft,paid:optional from_date:date to_date:date:after=from_date", True),
        ("vendor", False),
        ("vendor name", False),
        ("vendor name:string", False),
        ("vendor name:str:", False),
        ("Vendor name:str", False),
        ("vendor name:str, bill amount:money", False),
        ("vendor name:str\nbill amount:money", False),
        ("vendor/vendors/many name:str", False),
    ],
)
def test_the_schema_and_the_program_agree_about_resources(text: str, accepted: bool) -> None:
    from fastapi_scaffold.asking.schema import json_schema

    schema = json_schema(REAL)
    assert jsonschema.Draft202012Validator(schema).is_valid({"resources": text}) is accepted
    assert all(
        f"{word}: {facts['hint']}" in schema["properties"]["resources"]["description"]
        for word, facts in REAL.tables["types"].items()
    )
    try:
        complete(REAL, {"project_name": "x", "python_version": "3.11", "resources": text})
    except InvalidAnswer:
        assert not accepted
    else:
        assert accepted


def test_questions_are_listed_with_choices_and_rules(run: Cli) -> None:
    shown = run("questions").out
    for question in REAL.questions:
        assert f"{question.flag}: {question.help}" in shown
        for choice in question.choices:
            assert f"    {choice.value} " in shown
            assert f"  {choice.label}: {choice.hint}" in shown
            assert all(reason in shown for reason in choice.needs.values())


def test_every_question_is_in_a_section() -> None:
    named = [name for names in REAL.tables["sections"].values() for name in names]
    assert sorted(named) == sorted(question.name for question in REAL.questions)


# ── all ways lead to the same project ─────────────────────────────────────────────────────────────────────────────────


def keys(answers: Mapping[str, str]) -> str:
    """Return what a person types to give `answers`, starting at the first screen."""
    typed = [UP, ENTER]
    earlier: dict[str, str] = {}
    together = [question for question in REAL.questions if question.together]
    for question in REAL.questions:
        if question in together:
            continue
        if question.choices:
            start = complete(REAL, {"project_name": "x", **earlier})[question.name]
            possible = [
                choice.value for choice in question.choices if choice.needs.keys() <= REAL.capabilities(earlier)
            ]
            steps = possible.index(answers[question.name]) - possible.index(start)
            typed += [DOWN if steps > 0 else UP] * abs(steps)
        else:
            typed += [CTRL_U, answers[question.name]]
        typed.append(ENTER)
        earlier[question.name] = answers[question.name]
    # The last screen is all that is asked together: the numbers of its rows tick them.
    rows = [(one.name, choice.value) for one in together for choice in one.choices if choice.value != one.default]
    typed += [str(number) for number, (name, value) in enumerate(rows, start=1) if answers[name] == value]
    return "".join([*typed, ENTER, ENTER])


def content(project: Path) -> dict[str, bytes]:
    # The secrets in .env are new each time.
    return {
        name: (project / name).read_bytes() for name in tree(project) if (project / name).is_file() and name != ".env"
    }


@st.composite
def full_answers(draw: st.DrawFn) -> dict[str, str]:
    answers: dict[str, str] = {}
    for question in REAL.questions:
        possible = [c.value for c in question.choices if c.needs.keys() <= REAL.capabilities(answers)]
        texts = {
            "project_name": st.sampled_from(["My API", "a-b", "x", "Q.2_b", "n" * 60]),
            "description": st.sampled_from(
                [
                    "It's 1.10.",
                    "a: b # c",
                    '"quoted" \\n',
                    "no",
                    "null",
                    "0x1F",
                    "2026-11-21",
                    "Zähler {{ x }}",
                    "🐑 & <b>",
                    "-",
                    "~",
                ]
            ),
            "resources": st.sampled_from(["", "vendor name:str email:email:unique; bill amount:money"]),
        }
        answers[question.name] = draw(st.sampled_from(possible) if possible else texts[question.name])
    return answers


def make_in_every_way(answers: dict[str, str], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the same project by flags, data, files and the wizard, and compare."""
    (place / "a.yml").write_text(yaml.safe_dump(answers, allow_unicode=True))
    (place / "a.json").write_text(json.dumps(answers))
    flags = [word for question in REAL.questions for word in (question.flag, answers[question.name])]
    data = [word for name, value in answers.items() for word in ("--data", f"{name}={value}")]
    ways = {"flags": flags, "data": data, "yaml": ["--answers", str(place / "a.yml")]}
    ways["json"] = ["--answers", str(place / "a.json")]
    for name, arguments in ways.items():
        assert cli.run(["new", str(place / name), "--quiet", *ONLY_FILES, *arguments]) == 0
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        monkeypatch.setattr("fastapi_scaffold.asking.prompts.cannot_ask", lambda: "")
        # What the last example chose would be one more line on the first screen; it makes no difference to this one.
        last_answers_file().unlink(missing_ok=True)
        # Whoever still asks after the last key is told to stop, and waits for no more.
        keyboard.send_text(keys(answers) + CTRL_C)
        assert cli.run(["new", str(place / "wizard"), "--quiet", *ONLY_FILES]) == 0
    expected = content(place / "flags")
    for name in [*ways, "wizard"]:
        found = recorded(place / name)
        assert {question.name: question.plain(found[question.name]) for question in REAL.questions} == answers
        assert content(place / name) == expected, name


SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.whole
@settings(SHARED, max_examples=4)
@given(answers=full_answers())
def test_wizard_flags_file_and_json_give_the_same_bytes(
    answers: dict[str, str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_in_every_way(answers, tmp_path_factory.mktemp("ways"), monkeypatch)


@pytest.mark.whole
@settings(SHARED, max_examples=30)
@given(answers=full_answers())
def test_wizard_flags_file_and_json_give_the_same_answers(
    answers: dict[str, str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for many more answers, written down where they would be rendered: Copier is what takes the time."""
    monkeypatch.setattr("fastapi_scaffold.writing.engine.render", write_down)
    make_in_every_way(answers, tmp_path_factory.mktemp("ways"), monkeypatch)


def write_down(answers: Mapping[str, str], destination: Path) -> None:
    for name in (".env.example", "pyproject.toml"):
        (destination / name).touch()
    (destination / ".copier-answers.yml").write_text(yaml.safe_dump(dict(answers), sort_keys=False))
