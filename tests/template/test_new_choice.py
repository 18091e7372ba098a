"""A new choice is a row and its own files: nothing shared has to be touched."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

from fastapi_scaffold.asking.questions import load_questionnaire
from tests.template.combinations import VALID
from tests.template.fictions import FICTIONAL, add_extras
from tests.template.projects import files_of, render_project, succeed

FICTION_FILES = ["app/database/fiction.py", "tests/fiction.py"]
FICTION = {
    "label": "FictionDB",
    "hint": "does not exist",
    "provides": ["database"],
    "needs": {},
    "files": FICTION_FILES,
    "test_plugins": ["fiction"],
    "memory": False,
    "module": "fiction",
    "scheme": "fiction",
    "dependencies": ["fictiondb>=1,<2"],
    "test_dependencies": [],
    "test_packages": "",
    "pool_size": 7,
    "max_overflow": 3,
    "local_url": "fiction://localhost/app",
    "container_url": "fiction://database/app",
    "container_volume": "",
    "server": {},
    "ignored": [],
}
FICTIONAL_DEPLOYMENT = {
    "label": "Nomad",
    "hint": "",
    "provides": ["deployment", "server", "container", "manifests"],
    "needs": {},
    "files": ["deploy/app.nomad"],
    "image": True,
    "guide": "nomad.md",
    "tasks": {"plan": '{ cmd = "nomad plan", help = "Plan" }'},
    "dependencies": ["nomadlib>=1,<2"],
    "ignored": ["*.plan"],
}
TRACES = "fiction|nomad|tekton|flat|teletype|pigeonhole"
EXTRA = {FICTIONAL["teletype"]: "teletype"}
FICTIONAL_CI = {"label": "Tekton", "hint": "", "provides": ["ci"], "needs": {}, "files": [".tekton"]}

# Like one that exists, under another name: so are the projects.
TWINS = {"settings": {"flat": "single"}, "auth": {"fictional_key": "api_key"}}
FICTIONAL_TEST = "tests/fictional_key.py"

# What is not said is as it is of a whole number.
FICTIONAL_TYPE = {
    "hint": "a part of a hundred",
    "input": ["int", "Field(ge=0, le=100, examples=[SAMPLE])"],
    "migration": "sa.SmallInteger()",
    "column": "SmallInteger()",
    "column_import": "SmallInteger",
    "sample": "25",
    "other": "75",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the template with one more row for each question, each with its own files."""
    root = add_extras(tmp_path / "source")
    questions = yaml.safe_load((root / "copier.yml").read_text())
    databases = questions["catalogue"]["default"]["database"]
    its = yaml.safe_load(
        yaml.safe_dump([databases["sqlite"][name] for name in ("parts", "groups")]).replace(".sqlite", ".fiction")
    )
    databases["fiction"] = FICTION | {"parts": its[0], "groups": its[1]}
    questions["catalogue"]["default"]["deployment"]["nomad"] = FICTIONAL_DEPLOYMENT
    questions["catalogue"]["default"]["ci"]["tekton"] = FICTIONAL_CI
    types = questions["types"]["default"]
    types["percent"] = types["int"] | FICTIONAL_TYPE
    for name, twins in TWINS.items():
        rows = questions["catalogue"]["default"][name]
        rows |= {new: rows[old] | {"label": new} for new, old in twins.items()}
    keys = rows["fictional_key"]
    own = [FICTIONAL_TEST if path == "tests/api_key.py" else path for path in keys["files"]]
    rows["fictional_key"] = keys | {"module": "fictional_key", "test_plugins": ["fictional_key"], "files": own}
    shutil.copytree(root / "template/_auth/api_key", root / "template/_auth/fictional_key")
    shutil.copy(root / "template/tests/api_key.py.jinja", root / "template" / f"{FICTIONAL_TEST}.jinja")
    (root / "copier.yml").write_text(yaml.safe_dump(questions, sort_keys=False))
    for name in FICTION_FILES:
        shutil.copy(root / "template" / name.replace("fiction", "sqlite"), root / "template" / name)
    (root / "template/deploy/app.nomad").write_text("job {}\n")
    (root / "template/_guides/nomad.md").write_text("\n### Nomad\n")
    (root / "template/.tekton").mkdir()
    (root / "template/.tekton/check.yaml").write_text("kind: Pipeline\n")
    monkeypatch.setattr("fastapi_scaffold.writing.engine.template_root", lambda: root)
    return root


def test_the_new_choice_is_everywhere(root: Path, tmp_path: Path) -> None:
    assert load_questionnaire(root).questions
    project = render_project(tmp_path / "my-api", VALID[0] | {"database": "fiction", "ci": "tekton"})
    names = {str(path.relative_to(project)) for path in files_of(project)}
    assert {"app/database/fiction.py", "tests/fiction.py", ".tekton/check.yaml"} <= names
    assert not {name for name in names if "sqlite" in name or name.startswith(".github")}
    dependencies = tomllib.loads((project / "pyproject.toml").read_text())["project"]["dependencies"]
    assert "fictiondb>=1,<2" in dependencies
    assert not [name for name in dependencies if "sqlite" in name]
    assert "APP_DATABASE__URL=fiction://localhost/app" in (project / ".env.example").read_text()
    assert "fiction://database/app" in (project / "compose.yaml").read_text()
    assert "from app.database.fiction import" in (project / "app/database/engine.py").read_text()
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")


def test_the_new_target_is_everywhere(root: Path, tmp_path: Path) -> None:
    assert root
    project = render_project(tmp_path / "my-api", VALID[0] | {"deployment": "nomad"})
    assert [path.name for path in files_of(project) if path.parent.name == "deploy"] == ["app.nomad"]
    assert (project / "Dockerfile").exists()
    assert not (project / "compose.yaml").exists()
    assert "### Nomad\n\n" in (project / "README.md").read_text()
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    assert "nomadlib>=1,<2" in pyproject["project"]["dependencies"]
    assert pyproject["tool"]["poe"]["tasks"]["plan"]["cmd"] == "nomad plan"
    assert "*.plan\n" in (project / ".gitignore").read_text()


@pytest.mark.parametrize("settings", ["by_domain", "single"])
def test_the_new_extra_is_everywhere(root: Path, tmp_path: Path, environment: Path, settings: str) -> None:
    del root
    project = render_project(tmp_path / "my-api", VALID[0] | EXTRA | {"settings": settings})
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    assert "teletype-lib>=1,<2" in pyproject["project"]["dependencies"]
    assert "teletype-stubs>=1,<2" in pyproject["dependency-groups"]["dev"]
    assert pyproject["tool"]["poe"]["tasks"]["teletype"]["cmd"] == "teletype run"
    assert "### Teletype\n\n" in (project / "README.md").read_text()
    assert "*.teletype\n" in (project / ".gitignore").read_text()
    assert pyproject["tool"]["importlinter"]["contracts"][-1]["allowed_importers"][-1] == "app.teletype"
    assert "# Then teletype is told.\n" in (project / "README.md").read_text()
    assert 'await teletype.tell(user, "password_changed")' in (project / "app/users/router.py").read_text()
    assert (project / "app/teletype/config.py").exists() is (settings == "by_domain")
    separator = "__" if settings == "by_domain" else "_"
    assert f"# APP_TELETYPE{separator}SIZE=3\n" in (project / ".env.example").read_text()
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")
    succeed(project, environment / "ty", "check", "--python", environment.parent)
    # The part, the group of settings, the router, the registration and the plugin of the tests.
    succeed(project, environment / "python", "-m", "pytest", "-q", "tests/teletype", "tests/practices/test_settings.py")


@pytest.mark.parametrize(("ci", "file"), [("github", ".github/workflows/ci.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_the_pipeline_installs_what_the_tests_of_an_extra_need(root: Path, tmp_path: Path, ci: str, file: str) -> None:
    del root
    project = render_project(tmp_path / "my-api", VALID[0] | EXTRA | {"database": "mysql", "ci": ci})
    assert " mariadb-client-core teletype-server" in (project / file).read_text()


def test_the_new_type_is_everywhere(root: Path, tmp_path: Path, environment: Path) -> None:
    questions = {question.name: question for question in load_questionnaire(root).questions}
    notation = questions["resources"].notation
    assert notation
    assert notation.words["percent"] == "a part of a hundred"
    project = render_project(tmp_path / "my-api", VALID[0], resources="offer discount:percent:unique")
    succeed(project, "ruff", "check", "--no-fix", "--no-cache")
    succeed(project, "ruff", "format", "--check", "--no-cache")
    succeed(project, environment / "python", "-m", "pytest", "-q", "tests/offers", "tests/practices/test_database.py")


@pytest.mark.parametrize("database", ["sqlite", "none"])
@pytest.mark.parametrize(
    ("question", "new", "old"), [(name, *twin) for name, twins in TWINS.items() for twin in twins.items()]
)
def test_the_new_way_is_everywhere(
    root: Path, tmp_path: Path, question: str, new: str, old: str, database: str
) -> None:
    assert root
    answers = VALID[0] | {"database": database, "auth": "none", "ci": "none"}
    project, twin = (render_project(tmp_path / value / "my-api", answers | {question: value}) for value in (new, old))

    def content(directory: Path) -> dict[str, str]:
        return {
            str(path.relative_to(directory)).replace(new, old): path.read_text().replace(f"tests.{new}", f"tests.{old}")
            for path in files_of(directory)
            if path.name != ".copier-answers.yml"
        }

    assert content(project) == content(twin)


def test_other_projects_do_not_change(root: Path, tmp_path: Path) -> None:
    del root
    project = render_project(tmp_path / "my-api", VALID[0])
    assert not [
        path
        for path in files_of(project)
        if re.search(
            "fiction|nomad|tekton|flat|teletype|pigeonhole",
            path.read_text() + str(path.relative_to(project)),
            re.IGNORECASE,
        )
    ]
