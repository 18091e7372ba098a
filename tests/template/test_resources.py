"""Resources that a user asks for: every type of field, names of every length, and what is refused."""

import ast
import builtins
import keyword
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.answers import complete
from fastapi_scaffold.errors import InvalidAnswer
from fastapi_scaffold.questions import load_questionnaire
from fastapi_scaffold.template import template_root
from tests.template.combinations import APPLICATIONS, Answers, label
from tests.template.projects import files_of, render_project, run_in, succeed
from tests.template.test_projects import MYPY_CONFIG, practices_of, proven_practices

QUESTIONNAIRE = load_questionnaire(template_root())
TYPES = QUESTIONNAIRE.tables["types"]
REFERRING = " shelf:ref:shelf item:ref:item:optional"
LONG = "a_name_of_40_letters_with_2_digits_in_it"
# Every type and modifier, names of every length, with digits, of plurals that English has, and of words that mean
# something to Python, to SQL and to the code around; references four deep, and seven beside each other.
EVERYTHING = f"""shelf name:str:unique;
    archived_thing number:int:unique code_name:str:unique:optional notes:text:optional weight:decimal
    price:money:optional{REFERRING} ready:bool made_on:date worn_date:date:optional:after=made_on
    serial:uuid:optional contact_email:email
    site_url:url kind:enum:big,small,tiny extra:json:optional seen_at:datetime;
    {LONG} {LONG}:str:unique begin_{LONG[:34]}:date end_{LONG[:36]}:date:after=begin_{LONG[:34]}
    kind1_{LONG[:34]}:enum:1,in-progress,token level_3:int level_10:int address_line1:str:optional sha256:str:optional;
    person/people type:str date:date:optional birthday:date order:int page:str:unique create:enum:a4,2xl email:email:optional;
    news/news items:int home_page:url:optional author:ref:person begun:datetime done:datetime:optional:after=begun;
    class name:str:unique teacher:ref:person; order class:ref:class:optional news:ref:news state:enum:new,paid;
    session order:ref:order xyz_{LONG[:36]}:ref:{LONG}; state session:ref:session country:str:unique;
    hub a:ref:person b:ref:news c:ref:class d:ref:order e:ref:session f:ref:state g:ref:{LONG}""".replace("\n", " ")
ALONE = {"deployment": "none", "ci": "none"}


def unreferring(resources: str) -> str:
    """Leave out what a project cannot have whose memory is all that keeps anything: references."""
    lines = [line.split() for line in resources.split(";")]
    kept = [[word for word in words if ":ref:" not in word] for words in lines]
    return "; ".join(" ".join(words) for words in kept if len(words) > 1)


def application(database: str, auth: str, configuration: str = "by_domain") -> Answers:
    """Return answers for an application."""
    return {"database": database, "auth": auth, "settings": configuration, **ALONE}


# Each database, and each way to sign in.
KINDS = [
    application("sqlite", "jwt"),
    application("postgresql", "session", "single"),
    application("mysql", "api_key"),
    application("none", "oidc", "single"),
    application("none", "none"),
]


def with_everything(answers: Answers) -> Answers:
    """Return the answers with resources that have all there is."""
    return answers | {"resources": unreferring(EVERYTHING) if answers["database"] == "none" else EVERYTHING}


SPREAD = [with_everything(answers) for answers in KINDS]


def test_every_type_is_tried() -> None:
    words = [word.split(":") for word in EVERYTHING.replace(";", " ").split() if ":" in word]
    assert {word[1] for word in words} == TYPES.keys()
    tried = {(word[1], option.partition("=")[0]) for word in words for option in word[2:]}
    assert {(name, option) for name, row in TYPES.items() for option in row["can"]} - tried == MISSING
    assert [answers for answers in KINDS if answers not in APPLICATIONS] == []


@pytest.mark.parametrize("answers", SPREAD, ids=label)
@pytest.mark.usefixtures("servers")
def test_a_project_with_resources_is_proven(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    succeed(project, environment / "lint-imports", PYTHONPATH=".")
    succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "app", "tests")
    junit = tmp_path / "junit.xml"
    succeed(project, environment / "python", "-m", "pytest", "-q", "--cov", f"--junitxml={junit}")
    assert proven_practices(junit) == practices_of(answers)


# What the tests of a resource must notice: a file, what is in it, and what takes its place.
SERVICE, REPOSITORY = "app/archived_things/service.py", "app/archived_things/repository.py"
TABLE = "migrations/versions/2026-01-01_0005_create_archived_things.py"
MUTATIONS = [
    (SERVICE, "        await self.check_references(new)\n", ""),
    (SERVICE, "            raise InvalidPeriod\n", "            pass\n"),
    (
        SERVICE,
        "        return await self.archived_things.change(",
        "        return archived_thing or await self.change(",
    ),
    (REPOSITORY, "ArchivedThing.owner_id == self.owner_id", "ArchivedThing.owner_id == ArchivedThing.owner_id"),
    (REPOSITORY, "        await self.session.delete(archived_thing)\n", ""),
    (TABLE, '        sa.UniqueConstraint("owner_id", "number", ', '        sa.UniqueConstraint("number", "id", '),
    (TABLE, 'op.f("fk_archived_thing_shelf_id_shelf")', '"fk", ondelete="CASCADE"'),
    ("app/archived_things/schemas.py", "    extra: ArchivedThingExtra | None = None\n", ""),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with everything on SQLite."""
    return render_project(tmp_path_factory.mktemp("mutated") / "my-api", SPREAD[0])


@pytest.mark.parametrize(("file", "find", "put"), MUTATIONS, ids=lambda text: text[:40].strip())
def test_the_tests_of_a_resource_notice(
    file: str, find: str, put: str, whole: Path, tmp_path: Path, environment: Path
) -> None:
    project = tmp_path / "my-api"
    shutil.copytree(whole, project)
    source = (project / file).read_text()
    assert source.count(find) == 1
    (project / file).write_text(source.replace(find, put))
    tests = [environment / "python", "-m", "pytest", "-q", "-x", "tests/archived_things"]
    # Intact, they pass: it is proven above.
    assert run_in(project, *tests).returncode == 1


def legal(word: str) -> bool:
    return bool(re.fullmatch("[a-z]+(_[a-z]+)*", word)) and len(word) <= 20


def accepted(resources: str, database: str = "sqlite", auth: str = "jwt") -> bool:
    answers = {"project_name": "api", "database": database, "auth": auth, "resources": resources}
    try:
        complete(QUESTIONNAIRE, answers)
    except InvalidAnswer:
        return False
    return True


def identifiers(project: Path) -> set[str]:
    """Return the names in the code that is made for resources, those of modules, and the words of Python."""
    python = [path for path in files_of(project) if path.suffix == ".py"]
    beside = {Path("app/api.py"), Path("app/main.py"), Path("tests/conftest.py")}
    made = [path for path in python if "archived_things" in str(path) or path.relative_to(project) in beside]
    trees = [node for path in made for node in ast.walk(ast.parse(path.read_text()))]
    names = {node.id for node in trees if isinstance(node, ast.Name)}
    names |= {node.arg for node in trees if isinstance(node, ast.arg)}
    names |= {node.attr for node in trees if isinstance(node, ast.Attribute)}
    names |= {alias.asname or alias.name for node in trees if isinstance(node, ast.ImportFrom) for alias in node.names}
    names |= {path.stem for path in python} | {path.parent.name for path in python}
    names |= {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    snake = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in names}
    return set(filter(legal, snake | {name.removesuffix("s") for name in snake}))


@pytest.mark.parametrize("answers", [application("sqlite", "jwt"), application("none", "oidc")], ids=label)
def test_no_name_that_is_accepted_meets_another(answers: Answers, tmp_path: Path, environment: Path) -> None:
    words = sorted(identifiers(render_project(tmp_path / "alone", answers)))
    place = answers["database"], answers["auth"]
    names = [word for word in words if accepted(f"{word} name:str", *place)]
    fields = [word for word in words if accepted(f"thing {word}:str", *place)]
    assert len(names) > 20
    assert len(fields) > 20
    resources = [f"{name} label:str:unique" for name in names] + ["thing " + " ".join(f"{name}:str" for name in fields)]
    for start in range(0, len(resources), 100):
        given = answers | {"resources": ";".join(resources[start : start + 100])}
        project = render_project(tmp_path / f"part-{start}", given)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")
        succeed(project, environment / "ty", "check", "--python", environment.parent)
        succeed(
            project, environment / "python", "-m", "pytest", "-q", "-x", "-k", "read_and_list or decimal"
        )


WORDS = st.text("abcdefghijklmnoprtuvwz", min_size=1, max_size=14)
NAMES = st.lists(WORDS, min_size=1, max_size=2).map("_".join)
ENUMERATIONS = st.lists(NAMES, min_size=1, max_size=6, unique=True).map(",".join)


@st.composite
def resources(draw: st.DrawFn) -> str:
    """Draw resources of all shapes, some of which are refused."""
    found: dict[str, list[str]] = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        fields: dict[str, str] = {}
        for kind in draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=8)):
            row = TYPES[kind]
            field = draw(NAMES) + row["ends"]
            argument = ":" + draw(st.sampled_from(["item", *found])) if row["refers"] else ""
            argument += ":" + draw(ENUMERATIONS) if row["enumerates"] else ""
            earlier = [f"after={other}" for other, type_ in fields.items() if type_ == kind] or ["optional"]
            options = [draw(st.sampled_from(earlier)) if one == "after" else one for one in row["can"]]
            chosen = draw(st.lists(st.sampled_from(options), max_size=2, unique=True))
            fields[field] = kind
            found.setdefault(name, []).append(":".join([f"{field}:{kind}{argument}", *chosen]))
    return "; ".join(" ".join([name, *words]) for name, words in found.items())


# What fails is not made smaller: each try renders a project.
@settings(
    derandomize=True,
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(resources(), st.sampled_from([("sqlite", "jwt"), ("mysql", "none"), ("none", "none"), ("none", "oidc")]))
def test_code_is_formatted_as_rendered(text: str, place: tuple[str, str]) -> None:
    assume(accepted(text, *place))
    with TemporaryDirectory() as directory:
        answers = {"database": place[0], "auth": place[1], "settings": "single", **ALONE, "resources": text}
        project = render_project(Path(directory) / "my-api", answers)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("customer", "no fields"),
        ("Customer name:str", "small letters"),
        ("purchase_order_of_last_year name:str", "at most 20"),
        ("order name:str", "means something else"),
        ("orders name:str", "singular"),
        ("person/people name:str", "ends in s"),
        ("item name:str", "already"),
        ("customer name:str; customer name:str", "already"),
        ("value_error name:str", "exceptions"),
        ("customer name", "types are str, text"),
        ("customer name:strng", "types are str, text"),
        ("customer name:str:optinal", "optional, unique"),
        ("customer name:text:unique", "text can be: optional"),
        ("customer name:str name:text", "such a field already"),
        ("customer item:ref:item item_id:uuid", "such a field already"),
        ("customer class:str", "means something else"),
        ("customer customer_name:str", "repeats"),
        ("customer password:str", "secret"),
        ("customer born:date", "ends in _date"),
        ("customer born_at:str", "Only a datetime"),
        ("customer contact_email:str", "address is checked"),
        ("customer shop:ref", "refers to a resource before it"),
        ("customer shop:ref:shop; shop name:str", "refers to a resource before it"),
        ("customer status:enum", "words"),
        ("customer status:enum:a,a", "words"),
        ("customer ends_at:datetime:after=starts_at", "after a datetime before it"),
        ("customer a_at:datetime b_at:datetime:after=a_at c_at:datetime:after=b_at", "Only one field"),
        ("customer description_of_what_is_in_the_box:str", "at most 30"),
        ("customer n\u00e4me:str", "plain letters"),
        ("{{ domains }} name:str", "small letters"),
    ],
)
def test_what_cannot_be_made_is_refused(text: str, reason: str) -> None:
    answers = {"project_name": "api", "database": "sqlite", "auth": "jwt", "resources": text}
    with pytest.raises(InvalidAnswer, match=reason):
        complete(QUESTIONNAIRE, answers)


def test_references_need_a_database() -> None:
    assert accepted("customer item:ref:item")
    assert not accepted("customer item:ref:item", "none", "none")
