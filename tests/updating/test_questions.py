"""Questions that change between versions, and answers that the user changes: no answer is ever reset in silence."""

from typing import Any

import pytest
import yaml

from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.updating.world import QUESTIONS, World, choice, commit

FILES = {"url.txt.jinja": "{{ database }}\n"}


def answers(world: World) -> dict[str, Any]:
    recorded = yaml.safe_load(world.read(ANSWERS_FILE))
    return {name: value for name, value in recorded.items() if not name.startswith("_")}


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: entry for name, entry in QUESTIONS.items() if name not in names} | more


DATABASES = {"sqlite": ["database"], "postgresql": ["database"], "none": []}


def test_60_a_question_renamed_without_a_word(world: World) -> None:
    """Differs: with Copier a project on PostgreSQL becomes one on SQLite."""
    world.release("1.0.0")
    world.new(database="postgresql")
    world.release("2.0.0", questions=without("database", storage=choice("storage", "sqlite", **DATABASES)))
    result = world.update()
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        'error: The new version does not ask for database "postgresql", and asks something new.\n'
        "\nhint: Answer that with --storage sqlite|postgresql|none.\n"
    )
    assert world.update("--data", "storage=postgresql").code == 0
    assert answers(world)["storage"] == "postgresql"


def test_61_65_a_question_renamed_with_a_default_that_refers_to_the_old_one(world: World) -> None:
    world.release("1.0.0")
    world.new(database="postgresql")
    renamed = choice("storage", "{{ database | default('sqlite') }}", **DATABASES)
    world.release("2.0.0", questions=without("database", storage=renamed))
    result = world.update()
    assert result.code == 0
    assert answers(world) == {"project_name": "Small", "auth": "jwt", "storage": "postgresql"}


def test_62_a_choice_removed(world: World) -> None:
    """Differs: Copier takes the default instead, and says nothing."""
    world.release("1.0.0", FILES)
    world.new(database="postgresql")
    fewer = choice("database", "sqlite", sqlite=["database"], none=[])
    world.release("2.0.0", FILES, questions=without(database=fewer))
    result = world.update()
    assert result.code == 2
    assert result.err == (
        "error: The project's own answer is not valid any more. --database is one of sqlite, none, not"
        ' "postgresql".\n\nhint: Choose another one with --database sqlite|none.\n'
    )
    assert world.update("--data", "database=none").code == 0
    assert world.read("url.txt") == "none\n"


def test_63_a_value_renamed(world: World) -> None:
    world.release("1.0.0", FILES)
    world.new(database="postgresql")
    world.release("2.0.0", FILES, questions=without(database=choice("database", "sqlite", sqlite=[], postgres=[])))
    assert world.update().code == 2
    assert world.update("--data", "database=postgres").code == 0
    assert world.read("url.txt") == "postgres\n"


FLAG = {"type": "bool", "help": "Cache?", "default": False}


@pytest.mark.parametrize("value", [True, False])
def test_64_yes_or_no_becomes_a_choice(world: World, value: bool) -> None:
    """Differs: Copier takes the default instead, and says nothing."""
    world.release("1.0.0", {"c.txt.jinja": "{{ 'yes' if cache else 'no' }}\n"}, questions=without(cache=FLAG))
    world.new(cache=str(value).lower())
    assert (answers(world)["cache"], world.read("c.txt")) == (value, "yes\n" if value else "no\n")
    world.release("2.0.0", questions=without(cache=choice("cache", "none", redis=[], none=[])))
    result = world.update()
    assert result.code == 2
    assert f'--cache is one of redis, none, not "{str(value).lower()}"' in result.err
    assert world.update("--data", "cache=redis").code == 0


def test_66_a_new_question_that_has_to_be_answered(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", questions=without(region={"type": "str", "help": "Where?"}))
    result = world.update()
    assert result.code == 2
    assert result.err == (
        "error: There is no answer to:\n  --region TEXT\n"
        "\nhint: The new version asks this. Answer with the option above.\n"
    )
    assert world.update("--data", "region=here").code == 0


def test_66b_a_new_question_with_a_default_is_told(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", questions=without(cache=choice("cache", "none", redis=[], none=[])))
    result = world.update()
    assert result.code == 0
    assert "New question: Which cache? The answer is none; change it with --cache." in result.out


def test_67_a_question_removed(world: World) -> None:
    """Differs: Copier still renders the old answer in this one update, so that what forgets it is not noticed."""
    world.release("1.0.0")
    world.new(auth="none")
    world.release("2.0.0", {"rest.txt.jinja": "{{ auth | default('gone') }}\n"}, questions=without("auth"))
    result = world.update()
    assert result.code == 0
    assert 'Asked no more: auth. The answer "none" is dropped.' in result.out
    assert world.read("rest.txt") == "gone\n"


def test_68_a_validator_becomes_stricter(world: World) -> None:
    """Differs: Copier takes the default instead: the project gets another name."""
    world.release("1.0.0")
    world.new(project_name="A long name")
    strict = {**QUESTIONS["project_name"], "validator": "{% if project_name | length > 5 %}Too long.{% endif %}"}
    world.release("2.0.0", questions={**QUESTIONS, "project_name": strict})
    result = world.update()
    assert result.code == 2
    assert "not valid any more. --project-name: Too long." in result.err
    assert world.update("--data", "project_name=Tiny").code == 0


def test_68b_each_version_has_the_macros_of_its_own_validators(world: World) -> None:
    checked = {
        **QUESTIONS["project_name"],
        "validator": "{% import 'template/_macros/names.jinja' as names %}{{ names.refusal(project_name) }}",
    }

    def release(version: str, longest: int) -> None:
        macro = f"{{% macro refusal(name) %}}{{{{ 'Too long.' if name | length > {longest} }}}}{{% endmacro %}}\n"
        files = {"_macros/names.jinja": macro}
        world.release(version, files, questions={**QUESTIONS, "project_name": checked})

    release("1.0.0", 10)
    world.new(project_name="Long name")
    release("2.0.0", 5)
    result = world.update()
    assert result.code == 2
    assert "not valid any more. --project-name: Too long." in result.err
    assert world.update("--to", "1.0.0", "--data", "project_name=Other name").code == 0
    assert world.update("--to", "1.0.0", "--data", "project_name=Another name").code == 2
    assert world.update("--data", "project_name=Tiny").code == 0


def test_69_an_accepted_default_changes(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.release("2.0.0", questions=without(database={**QUESTIONS["database"], "default": "postgresql"}))
    assert world.update().code == 0
    assert answers(world)["database"] == "sqlite"


def test_70_several_versions_in_one_step(world: World) -> None:
    world.release("1.0.0", {"one.txt": "".join(f"{n}\n" for n in range(20))})
    world.new()
    world.edit({"one.txt": world.read("one.txt") + "MINE\n"})
    text = "".join(f"{n}\n" for n in range(20))
    world.release("1.5.0", {"two.txt": text})
    world.release("2.0.0", {"three.txt": text})
    assert world.update().code == 0
    assert world.read("three.txt").endswith("MINE\n")


def test_70b_to_a_version_in_between(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.release("1.5.0", {"b.txt": "1.5\n"})
    world.release("2.0.0", {"b.txt": "2.0\n"})
    assert world.update("--to", "1.5.0").code == 0
    assert world.read("b.txt") == "1.5\n"
    assert world.update("--to", "v2.0.0").code == 0
    assert world.read("b.txt") == "2.0\n"


def test_71_nothing_runs_to_change_answers() -> None:
    """Differs: Copier has migrations for that, which need --trust. The release script refuses them."""
    from tools.release import FORBIDDEN

    assert "_migrations" in FORBIDDEN


# ── Answers that the user changes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_flag_for_each_question(world: World) -> None:
    world.release("1.0.0", FILES, consequences={"database": "No data was moved.", "auth": "Sign in again."})
    world.new()
    result = world.update("--database", "none", again=False)
    assert result.code == 0
    assert world.read("url.txt") == "none\n"
    assert "\nNo data was moved.\n" in result.out
    assert "Sign in again." not in result.out
    assert "--message 'Change database=none'" in result.out
    commit(world.project)
    assert world.update("--database", "sqlite").code == 0


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["--data", "colour=red"], 'There is no question "colour".', "The questions are project_name, database, auth."),
        (["--data", "databse=none"], 'There is no question "databse".', "Did you mean database?"),
        (
            ["--data", "database"],
            '--data "database" is not of the form name=value.',
            "Write for instance --data database=none.",
        ),
        (["--database", "mongo"], "--database is one of sqlite, postgresql, none", "Choose with --database"),
        (["--databas", "none"], "There is no option --databas.", "Did you mean --database?"),
    ],
)
def test_a_wrong_answer(world: World, arguments: list[str], message: str, hint: str) -> None:
    world.release("1.0.0")
    world.new()
    result = world.update(*arguments)
    assert result.code == 2
    assert f"error: {message}" in result.err
    assert f"\nhint: {hint}" in result.err


def test_answers_that_do_not_fit_together(world: World) -> None:
    needy = choice("sign-in", "jwt", jwt=["auth"], none=[])
    world.release("1.0.0", questions=without(auth=needy), needs={"auth": {"jwt": {"database": "It keeps accounts."}}})
    world.new()
    result = world.update("--database", "none")
    assert result.code == 2
    assert "--auth jwt is not possible here. It keeps accounts." in result.err
    assert "hint: Choose --database sqlite|postgresql or --auth none" in result.err
    assert world.update("--database", "none", "--auth", "none").code == 0


@pytest.mark.parametrize(
    ("old", "new"), [("database: sqlite", "database: oracle"), ("auth: jwt\n", ""), ("database: sqlite", "database: 7")]
)
def test_a_record_that_was_changed_by_hand(world: World, old: str, new: str) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({ANSWERS_FILE: world.read(ANSWERS_FILE).replace(old, new)})
    world.release("2.0.0")
    result = world.update()
    assert result.code == 2
    assert result.err.startswith("error: The answers file does not fit the template v1.0.0 that it names. ")
    assert "hint: Restore .copier-answers.yml from git; answers are changed with" in result.err


def test_what_the_user_wrote_into_the_record_is_replaced_and_that_is_said(world: World) -> None:
    world.release("1.0.0")
    world.new()
    world.edit({ANSWERS_FILE: world.read(ANSWERS_FILE) + "# a note\n"})
    world.release("2.0.0")
    result = world.update()
    assert result.code == 0
    assert f"update    {ANSWERS_FILE}: updates write it; what you had changed in it was replaced" in result.out
