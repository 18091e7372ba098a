"""What can be said of every combination without running it."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import COMBINED, EVERYTHING, PYTHONS, REFUSED, VALID, VALUES, Answers, label, refusal
from tests.template.projects import files_of, render_project, succeed

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = ROOT / "template"
QUESTIONNAIRE = load_questionnaire(template_root())
DOCKER, KUBERNETES, SYSTEMD, LAMBDA = r"docker|compose\b", r"kube|kustom|\bpods?\b", "systemd|systemctl|nginx", r"\baws|mangum"
JWT = r"\bjwt|oauth(?!2-scheme)|refresh.?token|multipart"
ACCOUNTS = r"pwdlib|passwords|password_hash|argon|user_account|AttemptLimit|app[./]users"
SESSION = r"set.cookie|csrf|user_session|foreign.origin"
API_KEY = r"\bapi[_ -]key|app/auth/keys"
OIDC = r"oidc|openid|discovery|jwks|jwt\[crypto"
# Traces that an option leaves in a project that does not have it.
TRACES = {
    ("database", "none"): r"sqlalchemy|alembic|sqlite|postgres|psycopg|mysql|mariadb|migrat|\bdatabase\b|SessionDep",
    ("database", "sqlite"): r"postgres|psycopg|mysql|mariadb|TEST_DATABASE|DATABASE_PASSWORD|\btests.server",
    ("database", "postgresql"): r"sqlite|mysql|mariadb",
    ("database", "mysql"): r"sqlite|postgres|psycopg",
    ("auth", "none"): rf"{JWT}|{ACCOUNTS}|{SESSION}|{API_KEY}|{OIDC}|\bsign-in|owner_id",
    ("auth", "jwt"): f"{SESSION}|{API_KEY}|{OIDC}",
    ("auth", "api_key"): f"{JWT}|{ACCOUNTS}|{SESSION}|{OIDC}",
    ("auth", "oidc"): f"refresh.?token|multipart|{ACCOUNTS}|{SESSION}|{API_KEY}|SECRET_KEY",
    ("auth", "session"): f"{JWT}|{API_KEY}|{OIDC}|bearer",
    ("deployment", "docker"): f"{KUBERNETES}|{SYSTEMD}|{LAMBDA}",
    ("deployment", "kubernetes"): rf"compose\b|{SYSTEMD}|{LAMBDA}",
    ("deployment", "systemd"): f"{DOCKER}|{KUBERNETES}|{LAMBDA}",
    ("deployment", "aws_lambda"): f"{DOCKER}|{KUBERNETES}|{SYSTEMD}",
    ("deployment", "none"): f"{DOCKER}|{KUBERNETES}|{SYSTEMD}|{LAMBDA}",
    ("ci", "github"): "gitlab|renovate",
    ("ci", "gitlab"): "github|dependabot",
    ("ci", "none"): "github|gitlab|dependabot|renovate",
}


def test_number_of_combinations(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(VALID)} valid combinations of {len(EVERYTHING)}, {len(REFUSED)} refused")  # noqa: T201
    assert len(VALID) == 480


def test_the_oracle_knows_every_choice() -> None:
    choices = {question.name: [choice.value for choice in question.choices] for question in QUESTIONNAIRE.questions}
    assert {name: values for name, values in choices.items() if values} == {"python_version": PYTHONS} | VALUES


@pytest.mark.parametrize("answers", EVERYTHING, ids=label)
def test_the_rules_agree_with_the_oracle(answers: Answers) -> None:
    given = {"project_name": "My API", "python_version": "3.13"} | answers
    reason = refusal(answers)
    if reason:
        with pytest.raises(ScaffoldError, match=reason):
            complete(QUESTIONNAIRE, given)
    else:
        assert {name: complete(QUESTIONNAIRE, given)[name] for name in answers} == answers


@pytest.fixture(scope="module", params=VALID, ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return each valid combination, rendered."""
    return render_project(tmp_path_factory.mktemp("render") / "my-api", request.param)


def test_lint_and_format_are_clean_as_rendered(project: Path) -> None:
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")


def test_every_file_parses(project: Path) -> None:
    for path in files_of(project):
        text = path.read_text(encoding="utf-8")
        match path.suffix:
            case ".py":
                ast.parse(text)
            case ".toml":
                tomllib.loads(text)
            case ".yml" | ".yaml":
                list(yaml.safe_load_all(text))
            case ".json":
                json.loads(text)


def test_every_file_is_tidy(project: Path) -> None:
    for path in files_of(project):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(project)
        assert re.search(r"\S\n\Z", text), f"{name}: must end with one newline"
        assert not re.search(r"[ \t]\n", text), f"{name}: trailing space"
        assert "\n\n\n\n" not in text, f"{name}: gap"
        assert path.suffix in {".py", ".mako"} or "\n\n\n" not in text, f"{name}: gap"
        assert not re.search(r"(?<!\$)\{\{(?!resolve:)|\{%|%\}", text), f"{name}: a tag of the template is left"
        assert str(ROOT) not in text, f"{name}: a path of this machine"
    empty = [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())]
    assert not empty


def test_every_line_fits(project: Path) -> None:
    for path in files_of(project):
        if path.suffix in {".md", ".toml", ".yml", ".yaml", ""} and path.name != "uv.lock":
            long = [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 140]
            assert not long, path


@pytest.mark.parametrize("answers", VALID, ids=label)
def test_nothing_is_left_of_what_is_off(answers: Answers, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    for (question, value), trace in TRACES.items():
        if answers[question] != value:
            continue
        for path in files_of(project):
            # The tests of the practices also forbid what code that is written later must not bring.
            if path.name in {".copier-answers.yml", "inspection.py"} or path.parent.name == "practices":
                continue
            name = str(path.relative_to(project))
            found = re.findall(trace, f"{name}\n{path.read_text(encoding='utf-8')}", re.IGNORECASE)
            assert not found, f"{name}: {found[:5]}"


# What a pipeline keeps up to date depends on where the application runs.
OF_BOTH = {Path(".github/dependabot.yml"), Path(".copier-answers.yml")}


@pytest.mark.parametrize("answers", COMBINED, ids=label)
def test_a_combination_is_the_sum_of_what_surrounds_the_application(answers: Answers, tmp_path: Path) -> None:
    whole, *parts = (
        render_project(tmp_path / name / "my-api", answers | changes)
        for name, changes in (("whole", {}), ("deployment", {"ci": "none"}), ("ci", {"deployment": "none"}))
    )
    names = {path.relative_to(whole) for path in files_of(whole)}
    assert names == {path.relative_to(part) for part in parts for path in files_of(part)}
    for name in names - OF_BOTH:
        assert (whole / name).read_bytes() in [(part / name).read_bytes() for part in parts if (part / name).exists()]


def test_every_listed_path_exists() -> None:
    catalogue, paths = QUESTIONNAIRE.tables["catalogue"], QUESTIONNAIRE.tables["paths"]
    owned = [path for rows in catalogue.values() for row in rows.values() for path in row["files"]]
    missing = [path for path in (*paths, *owned) if not any(TEMPLATE.glob(f"{path}*"))]
    assert missing == []


def test_no_template_compares_an_answer_with_a_literal() -> None:
    names = "|".join(question.name for question in QUESTIONNAIRE.questions)
    literal = rf"\b({names})\s*(==|!=|in\b|not in\b)|(==|!=)\s*({names})\b"
    for path in TEMPLATE.rglob("*"):
        if path.is_file():
            for tag in re.findall(r"\{[{%].*?[%}]\}", path.read_text(encoding="utf-8"), re.DOTALL):
                assert not re.search(literal, tag), f"{path}: {tag}"


def test_most_files_are_plain() -> None:
    parts = ("__pycache__", "_guides", "_macros")
    files = [path for path in TEMPLATE.rglob("*") if path.is_file() and not set(parts) & set(path.parts)]
    plain = [path for path in files if path.suffix != ".jinja"]
    assert len(plain) / len(files) > 2 / 3, f"{len(plain)} of {len(files)} files contain no Jinja"


@pytest.mark.parametrize(
    ("changes", "limit"),
    [({}, (5205, 4008)), ({"database": "postgresql", "deployment": "kubernetes"}, (5680, 4435))],
    ids=["default", "cluster"],
)
def test_projects_stay_small(tmp_path: Path, changes: dict[str, str], limit: tuple[int, int]) -> None:
    project = render_project(tmp_path / "my-api", VALID[0] | changes)
    lines = [line for path in files_of(project) for line in path.read_text(encoding="utf-8").splitlines()]
    written = [line for line in lines if line.strip()]
    assert (len(lines) <= limit[0], len(written) <= limit[1]) == (True, True), f"{len(lines)} lines, {len(written)} written"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["A", "A" * 60, "my api.v2_x-y"], ids=["short", "long", "mixed"])
def test_clean_for_every_python_and_name(tmp_path: Path, name: str, python: str) -> None:
    for answers in (VALID[0], VALID[-1]):
        project = render_project(tmp_path / answers["database"], answers, project_name=name, python_version=python)
        succeed(project, "ruff", "check", "--no-fix", "--no-cache")
        succeed(project, "ruff", "format", "--check", "--no-cache")
