"""Resources that a user asks for: every type of field, names of every length, and what is refused."""

import ast
import builtins
import json
import keyword
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.asking.answers import complete, derive
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.system.errors import InvalidAnswer
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import APPLICATIONS, Answers, chain, label
from tests.template.projects import files_of, new_project, render_project, run_in, succeed
from tests.template.test_projects import MYPY_CONFIG, practices_of

QUESTIONNAIRE = load_questionnaire(template_root())
TYPES = QUESTIONNAIRE.tables["types"]
REFERRING = " shelf:ref:shelf item:ref:item:optional whole:ref:archived_thing:optional"
KEPT = " keeper:ref:user:optional maker:ref:user"
LONG = "a_name_of_40_letters_with_2_digits_in_it"
BACK = LONG[::-1].replace("2", "x")
# Every type and modifier, names of every length, with digits, of plurals that English has, and of words that mean
# something to Python, to SQL and to the code around; references four deep, seven beside each other, two to one
# resource, to their own, and to accounts.
EVERYTHING = f"""shelf name:str:unique;
    archived_thing number:int:unique code_name:str:unique:optional notes:text:optional weight:decimal
    price:money:optional{REFERRING}{KEPT} ready:bool made_on:date worn_date:date:optional:after=made_on
    serial:uuid:optional contact_email:email
    site_url:url kind:enum:big,small,tiny extra:json:optional seen_at:datetime;
    {LONG} {LONG}:str:unique begin_{LONG[:34]}:date end_{LONG[:36]}:date:after=begin_{LONG[:34]}
    kind1_{LONG[:34]}:enum:1,in-progress,token,o level_3:int level_10:int address_line1:str:optional
    sha256:str:optional;
    person/people type:str date:date:optional birthday:date order:int page:str:unique create:enum:a4,2xl
    email:email:optional;
    news/news items:int home_page:url:optional author:ref:person begun:datetime done:datetime:optional:after=begun;
    class name:str:unique teacher:ref:person; order class:ref:class:optional news:ref:news state:enum:new,paid;
    session order:ref:order xyz_{LONG[:36]}:ref:{LONG}; state session:ref:session country:str:unique;
    variety born:date:unique at_noon:datetime:unique mass:decimal:unique fee:money:unique key:uuid:unique
    mail:email:unique flag:bool:optional size:decimal:optional mode:enum:on,off:optional rank:int:optional
    label:str:optional;
    stay from_day:date:unique to_day:date:unique:after=from_day; start a:datetime:optional b:datetime:optional:after=a;
    end a:date b:date:after=a; refuse_reversed title:str a:date b:date:after=a; timeout title:str;
    {LONG.replace("_", "x")} title:str;
    hub a:ref:person b:ref:news c:ref:class d:ref:order e:ref:session f:ref:state g:ref:{LONG} h:ref:user i:ref:news;
    {BACK} {LONG.replace("2", "x")}:ref:{BACK}:optional {LONG.replace("2", "y")}:ref:user;
    series/series series:ref:series:optional other:ref:series:optional""".replace("\n", " ")
ALONE = {"deployment": "none", "ci": "none"}


def unreferring(resources: str, what: str = ":ref:") -> str:
    """Leave out what a project cannot have whose memory is all that keeps anything: references."""
    lines = [line.split() for line in resources.split(";")]
    kept = [[word for word in words if what not in word] for words in lines]
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
    accounts = EVERYTHING if answers["auth"] in {"jwt", "session"} else unreferring(EVERYTHING, ":ref:user")
    return answers | {"resources": unreferring(EVERYTHING) if answers["database"] == "none" else accounts}


SPREAD = [with_everything(answers) for answers in KINDS]


def test_every_type_is_tried() -> None:
    words = [word.split(":") for word in EVERYTHING.replace(";", " ").split() if ":" in word]
    assert {word[1] for word in words} == TYPES.keys()
    tried = {(word[1], option.partition("=")[0]) for word in words for option in word[2:]}
    assert {(name, option) for name, row in TYPES.items() for option in row["can"]} - tried == set()
    assert [answers for answers in KINDS if answers not in APPLICATIONS] == []


PROVEN = [pytest.param(one, id=label(one), marks=pytest.mark.slow) for one in SPREAD]
PROVEN[:2] = [pytest.param(one, id=label(one), marks=pytest.mark.whole) for one in SPREAD[:2]]


@pytest.mark.parametrize("answers", PROVEN)
@pytest.mark.usefixtures("servers")
def test_a_project_with_resources_is_proven(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = tmp_path / "my-api"
    report = new_project(project, answers)
    assert {*report["proof"]["practices"]["proven"]} == practices_of(answers)
    succeed(project, environment / "mypy", "--config-file", MYPY_CONFIG, "app", "tests")


@pytest.mark.parametrize("answers", KINDS, ids=label)
def test_names_of_one_word_fit_whatever_their_length(answers: Answers, tmp_path: Path) -> None:
    kinds = ("str:unique", "date:unique", "date:optional:after=c", "enum:a,b", "money", "email:optional", "json", "ref")
    lines: list[str] = []
    for length in (20, 28, *range(32, 41)):
        names = [letter * length for letter in "bcdefghi"]
        fields = [f"{name}:{kind}".replace("=c", f"={names[1]}") for name, kind in zip(names, kinds, strict=True)]
        # Without one before it, it refers to the example.
        target = lines[-1].split()[0] if lines else "item"
        lines.append(" ".join(["a" * length, *fields[:-1], f"{fields[-1]}:{target}"]))
    text = "; ".join(lines)
    text = unreferring(text) if answers["database"] == "none" else text
    project = render_project(tmp_path / "my-api", answers, resources=text)
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")


# What the tests of a resource must notice: a file, what is in it, and what takes its place.
SERVICE, REPOSITORY, SCHEMAS, ROUTER = (
    f"app/archived_things/{name}.py" for name in ("service", "repository", "schemas", "router")
)
TABLE = "migrations/versions/2026-01-01_0005_create_archived_things.py"
MUTATIONS = [
    (SERVICE, "        await self.check_references(new, self.archived_things.creator_id)\n", ""),
    (SERVICE, "(changes, archived_thing.owner_id, ", "(changes, self.archived_things.creator_id, "),
    (SERVICE, "        refuse_reversed(", "        (lambda *_: None)("),
    (
        SERVICE,
        "        return await self.archived_things.change(",
        "        return archived_thing or await self.change(",
    ),
    (SERVICE, "own_id in above or ", ""),
    (SERVICE, "own_id in above or ", "own_id == above[0] or "),
    (SERVICE, " or len(above) == LEVELS", ""),
    (SERVICE, "            if its_whole.owner_id != owner_id:\n", "            if its_whole is None:\n"),
    (REPOSITORY, "select(User.is_active)", "select(User.id != None)"),
    (ROUTER, 'within(wanted, "shelf_id", shelf.id)', "wanted"),
    (ROUTER, 'within(wanted, "whole_id", archived_thing.id)', "wanted"),
    ("app/core/pagination.py", "(value,) if not sent or value in sent else ()", "(value,)"),
    (TABLE, 'ondelete="SET NULL"', 'ondelete="NO ACTION"'),
    (REPOSITORY, "ArchivedThing.owner_id == self.owner_id", "ArchivedThing.owner_id == ArchivedThing.owner_id"),
    (REPOSITORY, "        await self.session.delete(archived_thing)\n", ""),
    (TABLE, '        sa.UniqueConstraint("owner_id", "number", ', '        sa.UniqueConstraint("number", "id", '),
    (TABLE, 'op.f("fk_archived_thing_shelf_id_shelf")', '"fk", ondelete="CASCADE"'),
    (SCHEMAS, "    extra: ArchivedThingExtra | None = None\n", ""),
    (SCHEMAS, "    weight__lte: ArchivedThingWeight | None = None\n", ""),
    (SCHEMAS, "    item_id: Many[ArchivedThingItemId] = ()\n", ""),
    (SCHEMAS, '    SEARCHED = ("code_name", "notes")\n', ""),
    ("app/database/queries.py", "fitting = conditions(model, wanted)", "fitting: list[ColumnElement[bool]] = []"),
    ("app/database/queries.py", "*ordering(model, wanted)", "model.created_at, model.id"),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with everything on SQLite."""
    return render_project(tmp_path_factory.mktemp("mutated") / "my-api", SPREAD[0])


@pytest.mark.whole
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
    return bool(re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", word)) and len(word) <= 40


def completed(resources: str, database: str = "sqlite", auth: str = "jwt") -> Answers:
    """Return all answers of a project with these resources; raises InvalidAnswer."""
    return complete(QUESTIONNAIRE, {"project_name": "api", "database": database, "auth": auth, "resources": resources})


def refusal(resources: str, database: str = "sqlite", auth: str = "jwt") -> str:
    """Return why these resources are refused, or nothing."""
    try:
        completed(resources, database, auth)
    except InvalidAnswer as error:
        return error.message
    return ""


def accepted(resources: str, database: str = "sqlite", auth: str = "jwt") -> bool:
    return not refusal(resources, database, auth)


def allowed(resources: str, database: str, auth: str) -> str:
    """Leave out what is refused."""
    reasons = refusal(resources, database, auth)
    if not reasons:
        return completed(resources, database, auth)["resources"]
    refused = re.findall(r'"([^"/]+)\S*" is not possible', reasons)
    lines = [line.split() for line in resources.split(";")]
    left = [[word for word in words if word not in refused] for words in lines if words[0] not in refused]
    assert sum(map(len, left)) < sum(map(len, lines))
    return allowed("; ".join(" ".join(words) for words in left), database, auth)


def derived(resources: str) -> list[dict[str, Any]]:
    """Return the facts of resources, first those of the example."""
    facts: list[dict[str, Any]] = json.loads(derive(QUESTIONNAIRE, "domains", completed(resources)))
    return facts


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


def typed(word: str, position: int) -> str:
    """Give a field a type, another one for the next."""
    return f"{word}:" + ("str", "int", "date", "datetime", "bool:optional", "enum:a,b", "money", "text")[position % 8]


@pytest.mark.slow
@pytest.mark.parametrize("answers", [SPREAD[0], SPREAD[3]], ids=label)
def test_no_name_that_is_accepted_meets_another(answers: Answers, tmp_path: Path, environment: Path) -> None:
    words = sorted(identifiers(render_project(tmp_path / "alone", answers)))
    place = answers["database"], answers["auth"]
    # A name that can be a date and no text, or the other way round, is tried as what it can be.
    typings = [[typed(word, start + number) for number, word in enumerate(words)] for start in range(8)]
    fields = [allowed("thing " + " ".join(typing), *place).split()[1:] for typing in typings]
    assert all(len(typing) > 300 for typing in fields)
    # Many a resource has a field of its own name.
    own = {field.partition(":")[0]: field for typing in fields for field in typing}
    names = allowed("; ".join(f"{word} label:str:unique {own.get(word, '')}" for word in words), *place).split(";")
    assert len(names) > 300
    all_of_them = [*names, *(f"thing_{number} " + " ".join(typing) for number, typing in enumerate(fields))]
    for start in range(0, len(all_of_them), 150):
        given = answers | {"resources": ";".join(all_of_them[start : start + 150])}
        project = render_project(tmp_path / f"part-{start}", given)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")
        succeed(project, environment / "ty", "check", "--python", environment.parent)
        succeed(project, environment / "python", "-m", "pytest", "-q", "-x", "-k", "read_and_list or decimal")


WORDS = st.text("abcdefghijklmnoprtuvwz0123456789", min_size=1, max_size=40)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("_".join).filter(legal)
ENUMERATIONS = st.lists(
    st.lists(WORDS, min_size=1, max_size=2).map("-".join).filter(lambda word: len(word) <= 20),
    min_size=1,
    max_size=6,
    unique=True,
).map(",".join)


@st.composite
def resources(draw: st.DrawFn) -> str:
    """Draw resources of all shapes, some of which are refused."""
    found: dict[str, list[str]] = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        fields: dict[str, str] = {}
        for kind in draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=8)):
            row = TYPES[kind]
            field = draw(NAMES)
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
        ("Customer name:str", r"small letters, digits and underscores, .* Try customer\."),
        ("LineItem name:str", r"Try line_item\."),
        ("purchase_order_of_the_last_and_of_this_year_x name:str", "at most 40"),
        ("1st name:str", r"begins with a letter, .* Try st\."),
        ("orders name:str", r"A resource is named in the singular\. Try order\."),
        ("order_lines name:str", r"Try order_line\."),
        ("people name:str", r"Try person\."),
        ("criteria name:str", r"Try criterion\."),
        ("user name:str", r"accounts keep a table .* Try member\."),
        ("refresh_token name:str", "accounts keep a table"),
        ("alembic_version name:str", "Alembic keeps a table"),
        ("sqlite_thing name:str", r"SQLite keeps the tables .* Try thing\."),
        ("pg_thing name:str", r"PostgreSQL keeps the tables .* Try thing\."),
        ("thing/core name:str", "plural would be core"),
        ("a name:str", r"plural would be as, which Python"),
        ("item name:str", r"already\. Try product\."),
        ("users name:str", r"in the singular\. Try member\."),
        ("items name:str", r"in the singular\. Try product\."),
        ("practices name:str", r"in the singular\. Try clinic\."),
        ("bytes name:str", r"in the singular\. Try byte_value\."),
        ("customer name:str; customer name:str", "already"),
        ("person/staff name:str; worker/staff name:str", r"plural staff already\. Try other_worker\."),
        ("level3 name:str; level_3 name:str", r"class or the table Level3 already\. Try other_level_3\."),
        ("order name:str; order_entry name:str", "already"),
        ("customer name", "types are str, text"),
        ("customer name:strng", 'There is no type "strng"\\. Did you mean str\\?'),
        ("customer name:string", r"Did you mean str\?"),
        ("customer age:Integer", r"Did you mean int\?"),
        ("customer ok:boolean", r"Did you mean bool\?"),
        ("customer size:float", r"Did you mean decimal\?"),
        ("customer name:str:optinal", "optional, unique"),
        ("customer name:str:optional:optional", "says optional twice"),
        ("customer name:text:unique", "text can be: optional"),
        ("customer name:str name:text", "such a field already"),
        ("customer line1:str line_1:text", "such a field already"),
        ("customer item:ref:item item_id:uuid", "such a field already"),
        ("customer class:str", r"Python's grammar\. Try category:str\."),
        ("customer registry:str", r"Try records:str\."),
        ("customer register:str", r"Pydantic has an attribute .* Try cash_register:str\."),
        ("customer mro:str", "Pydantic has an attribute"),
        ("customer metadata:json", r"SQLAlchemy has an attribute .* Try details:json\."),
        ("customer model_config:json", "Pydantic has an attribute"),
        ("customer xmin:int", r"PostgreSQL has a system column .* Try x_min:int\."),
        ("customer id:int", r"Every resource has it already.* Try number:int\."),
        ("customer owner:ref:item", r"Try holder:ref:item\."),
        ("customer password:str", "secret"),
        ("customer api_token:str:unique", "secret"),
        ("customer content_hash:str", "Try content_checksum:str"),
        ("customer born_at:str", "Only a datetime"),
        ("customer born_date:str", "Only a date"),
        ("customer contact_email:str", "whose address is checked"),
        ("customer shop_url:text", "which is checked"),
        ("customer date:str", r"Try date:date\."),
        ("customer shop:ref", "refers to a resource before it"),
        ("customer shop:ref:shop; shop name:str", "shop comes after it"),
        ("customer parent:ref:customer", r"The first customer .* optional, as in parent:ref:customer:optional\."),
        ("customer user:ref:account", r"Accounts are referred to as user\. Try user:ref:user\."),
        ("customer user:ref:users", r"Try user:ref:user\."),
        ("customer user:ref:usr", "It refers to a resource before it"),
        ("customer status:enum", "needs its words"),
        ("customer status:enum:Draft", "small letters"),
        ("customer status:enum:a,a", "has the word a twice"),
        ("customer status:enum:in-progress,in_progress", "would both be IN_PROGRESS"),
        ("order_item name:str; order item:enum:a,b line:ref:order_item", "class would be OrderItem"),
        ("order_item name:str; order line:ref:order_item item:enum:a,b", r"OrderItem, .* Try other_item:enum:a,b\."),
        ("bill item_x:ref:item; bill_item x:ref:item", "index would be called"),
        ("customer ends_at:datetime:after=starts_at", "after a datetime before it"),
        ("customer a_at:datetime b_at:datetime:after=a_at c_at:datetime:after=b_at", "Only one field"),
        ("customer n\u00e4me:str", "those of ASCII, as in name:str"),
        ("{{ domains }} name:str", "small letters"),
    ],
)
def test_what_cannot_be_made_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidAnswer, match=reason) as caught:
        completed(text)
    for proposed in re.findall(r"Try (\S+)\.$", caught.value.message, re.MULTILINE):
        before = "item_x:ref:item " if ":" in proposed else ""
        assert accepted(f"order_item x:int; order {before}{proposed}" if before else f"{proposed} name:str"), proposed


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = "customers name:string; user x:int; thing class:str email:str ok:bool"
    with pytest.raises(InvalidAnswer) as caught:
        completed(text)
    refused = re.findall(r'"(\S+)" is not possible\.', caught.value.message)
    assert refused == ["customers", "name:string", "user", "class:str", "email:str"]
    assert len(caught.value.message.splitlines()) == len(refused)


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ("person name:str", "person/people name:str"),
        ("sales_person name:str;leaf x:int", "sales_person/sales_people name:str;leaf/leaves x:int"),
        ("news title:str; equipment name:str", "news/news title:str; equipment/equipment name:str"),
        ("canvas name:str; address city:str", "canvas/canvases name:str; address city:str"),
        ("dns ttl:int; data x:json", "dns/dns ttl:int; data/data x:json"),
        ("person/persons name:str", "person/persons name:str"),
        ("customer name:str", "customer name:str"),
    ],
)
def test_what_only_english_knows_is_written_down(given: str, recorded: str) -> None:
    assert completed(given)["resources"] == recorded
    assert completed(recorded)["resources"] == recorded


def test_references_need_a_database() -> None:
    assert accepted("customer item:ref:item")
    assert not accepted("customer item:ref:item", "none", "none")


def test_references_to_accounts_need_accounts() -> None:
    for database, auth in (("sqlite", "api_key"), ("postgresql", "oidc"), ("sqlite", "none")):
        reason = refusal("bill user:ref:user", database, auth)
        assert "keeps accounts, which this one does not. Try user_id:uuid." in reason
        assert accepted("bill item:ref:item user_id:uuid", database, auth)
    assert accepted("account name:str; bill account:ref:account user:ref:user", "mysql", "session")


def size(resources: str) -> int:
    return len(json.dumps(derived(resources)))


def test_facts_grow_with_what_is_asked_for() -> None:
    short, long = size(chain(10, linked=True)), size(chain(30, linked=True))
    assert long < short * 3
    assert long < size(chain(30, linked=False)) * 2.5
    wide = "hub " + " ".join(f"to_{n}:ref:link_{n}" for n in range(1, 31))
    assert size(f"{chain(30, linked=True)}; {wide}") < long * 2
