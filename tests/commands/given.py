"""What the transcripts may say is given."""

import errno
import io
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import yaml

from tests.commands.test_verify import FAILING, PROVEN, SKIPPED
from tests.console import CHECKOUT
from tests.small import CONFTEST, TEMPLATE
from tests.updating.world import QUESTIONS, World, choice, commit, edited, git, put


@dataclass
class Stage:
    """Where a case of a transcript is played."""

    request: pytest.FixtureRequest
    workplace: Path
    monkeypatch: pytest.MonkeyPatch

    def prepare(self, given: Sequence[str], *, small: bool) -> None:
        """Bring about what is `given`, with the small template or with a world of versions."""
        for fixture in ("small_template", "practices", "fake_uv") if small else ("fake_uv",):
            self.request.getfixturevalue(fixture)
        for line in given:
            word, _, rest = line.partition(" ")
            if word == "file":
                name, _, content = rest.partition(": ")
                put(self.workplace, {name: f"{content}\n".replace("\\n", "\n")})
            elif word == "env":
                name, _, value = rest.partition("=")
                self.monkeypatch.setenv(name, value)
            else:
                GIVEN[line](self)

    def world(self) -> World:
        """Return the world of the updates, with one version and a project of it at `project`."""
        world = World(self.workplace.parent, self.monkeypatch)
        world.release("1.0.0")
        world.new()
        return world

    def waiting(self) -> World:
        """Return a world in which an update waits."""
        world = self.world()
        world.release("2.0.0", {"a.txt": edited(15, "theirs"), "new.txt": "new\n"})
        return world

    def project(self, tests: str) -> Path:
        """Make a project `app` whose tests are these."""
        return self.request.getfixturevalue("project")(tests)


GIVEN: dict[str, Callable[[Stage], object]] = {}


def given(line: str) -> Callable[[Callable[[Stage], object]], Callable[[Stage], object]]:
    def register(function: Callable[[Stage], object]) -> Callable[[Stage], object]:
        GIVEN[line] = function
        return function

    return register


def _interrupt(*_arguments: object, **_options: object) -> NoReturn:
    raise KeyboardInterrupt


def _full(*_arguments: object, **_options: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


# ── the machine ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given("no git")
def _(stage: Stage) -> None:
    stage.monkeypatch.setenv("PATH", str(stage.workplace))


@given("no uv")
def _(stage: Stage) -> None:
    stage.monkeypatch.setenv("PATH", "/usr/bin:/bin")
    stage.monkeypatch.setitem(sys.modules, "uv", None)


@given("no uv on PATH, but one beside the program")
def _(stage: Stage) -> None:
    stage.request.getfixturevalue("hidden_uv")


@given("a full disk behind standard output")
def _(stage: Stage) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device")

    stage.monkeypatch.setattr(sys, "stdout", Full())


@given("a machine like any other")
def _(stage: Stage) -> None:
    module = "fastapi_scaffold.commands.info"
    for name, value in {"platform.platform": "System-1.0", "platform.python_version": "3.13.0"}.items():
        stage.monkeypatch.setattr(f"{module}.{name}", lambda value=value: value)
    stage.monkeypatch.setattr(f"{module}._version_of", lambda _program: "1.2.3")
    stage.monkeypatch.setattr(f"{module}._at_home", lambda path: f"~/{Path(path).name}")
    stage.monkeypatch.setattr(f"{module}.own_version", lambda: "v<version>")
    stage.monkeypatch.setattr(f"{module}.template_root", lambda: Path("template"))
    stage.monkeypatch.setattr("sys.executable", "python")
    stage.monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.2.3")


@given("a bug")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.commands.practices.load_practices", lambda: 1 / 0)


# ── new ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given("the directory we are in is gone")
def _(stage: Stage) -> None:
    (stage.workplace / "gone").mkdir()
    stage.monkeypatch.chdir(stage.workplace / "gone")
    (stage.workplace / "gone").rmdir()


@given("no room for the answers")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.writing.saved_answers.format_file", _full)


@given("a full disk")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("copier.run_copy", _full)


@given("a repository around us")
def _(stage: Stage) -> None:
    git(stage.workplace, "init", "--quiet")


@given("a uv workspace around us")
def _(stage: Stage) -> None:
    put(stage.workplace, {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n'})


@given("a clone of an empty repository")
def _(stage: Stage) -> None:
    git(stage.workplace, "init", "--quiet", "--bare", "../remote.git")
    git(stage.workplace, "clone", "--quiet", "../remote.git", ".")


@given("a repository with a commit and no files")
def _(stage: Stage) -> None:
    git(stage.workplace, "init", "--quiet")
    git(stage.workplace, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--allow-empty", "-m", "x")


@given("a .gitignore that is a link")
def _(stage: Stage) -> None:
    put(stage.workplace, {"x/.gitignore": Path("elsewhere")})


@given("git has a file .env")
def _(stage: Stage) -> None:
    git(stage.workplace, "init", "--quiet")
    put(stage.workplace, {".env": "KEY=1\n"})
    git(stage.workplace, "add", ".env")


@given("a directory x/README.md")
def _(stage: Stage) -> None:
    (stage.workplace / "x" / "README.md").mkdir(parents=True)


@given("a template with a mistake")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.writing.engine.template_root", lambda: stage.workplace / "template")
    shutil.copytree(stage.request.getfixturevalue("small_template"), stage.workplace / "template")
    put(stage.workplace / "template" / "template", {"z.txt.jinja": "{{ nobody_knows }}"})


@given("a template with tests")
def _(stage: Stage) -> None:
    template = stage.request.getfixturevalue("small_template") / "template"
    put(template, {"conftest.py": CONFTEST, "test_it.py": f"import pytest\n\n{PROVEN}"})


@given("Ctrl-C while files are written")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.writing.engine.render", _interrupt)


@given("Ctrl-C while it is installed")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.proving.installation.run", _interrupt)


# ── verify ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given("a project app")
def _(stage: Stage) -> None:
    stage.project(PROVEN)


@given("a project app that is committed")
def _(stage: Stage) -> None:
    project = stage.project(PROVEN)
    put(project, {".gitignore": "__pycache__/\n.pytest_cache/\n"})
    git(project, "init", "--quiet")
    commit(project)


@given("we are in a directory of it")
def _(stage: Stage) -> None:
    (stage.workplace / "app/deep/down").mkdir(parents=True)
    stage.monkeypatch.chdir(stage.workplace / "app/deep/down")


@given("a project app with a failing test")
def _(stage: Stage) -> None:
    stage.project(FAILING)


@given("a project app with a test that cannot be imported")
def _(stage: Stage) -> None:
    stage.project(f"{PROVEN}\nimport nowhere\n")


@given("a project app with a skipped test")
def _(stage: Stage) -> None:
    stage.project(SKIPPED)


# ── update ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given("a project of the newest version")
def _(stage: Stage) -> None:
    stage.world()


@given("a project for which an update waits")
def _(stage: Stage) -> None:
    stage.waiting()


@given("a project with customers, and invoices that refer to them")
def _(stage: Stage) -> None:
    with_resources(stage, example=choice("example", "item", item=["example"], none=[]))


@given("the same of a version in which all have the example")
def _(stage: Stage) -> None:
    with_resources(stage)


def with_resources(stage: Stage, **asked: object) -> None:
    """Make a project with resources, and with the example, whether that is asked or not."""
    entries = yaml.safe_load((CHECKOUT / "copier.yml").read_text())
    facts = {name: entries[name]["default"] for name in ("types", "naming", "notations", "texts", "domains")}
    if not asked:
        begins, known = '"item name:str"', "catalogue.example[example].written"
        entries["resources"]["validator"] = entries["resources"]["validator"].replace(known, begins)
        facts["domains"] = facts["domains"].replace(known, begins)
    macros = (CHECKOUT / "template/_macros/resources.jinja").read_text()
    each = "{% yield resource from domains %}{{ resource.plural }}{% endyield %}.txt.jinja"
    listed = "{% for resource in domains %}\n{{ resource.plural }}\n{% endfor %}\n"
    world = World(stage.workplace.parent, stage.monkeypatch)
    files = {"_macros/resources.jinja": macros, each: "{{ resource.plural }}\n", "api.txt.jinja": listed}
    world.release(
        "1.0.0",
        files | {"pyproject.toml": TEMPLATE["pyproject.toml"]},
        questions={**QUESTIONS, **asked, "resources": entries["resources"]},
        **facts,
    )
    world.new(resources="customer name:str; invoice amount:money customer:ref:customer")
    # What the small template does not have.
    (world.project / "app/customers").mkdir(parents=True)


@given("an own file of that name")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {"vendors.txt": "MINE\n"})
    commit(stage.workplace.parent / "project")


@given("a project that was updated")
def _(stage: Stage) -> None:
    assert stage.waiting().update().code == 0


@given("an edit in another place")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {"a.txt": edited(2, "MINE")})
    commit(stage.workplace.parent / "project")


@given("an edit in the same place")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {"a.txt": edited(15, "MINE")})
    commit(stage.workplace.parent / "project")


@given("an edit that is not committed")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {"a.txt": "MINE\n", "own.txt": "MINE\n"})


@given("a lock file that is not committed")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {"uv.lock": "version = 1\n"})


@given("secrets that are not ignored")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {".gitignore": "*.log\n", ".env": "KEY=1\n"})


@given("a record that is not committed")
def _(stage: Stage) -> None:
    project = stage.workplace.parent / "project"
    git(project, "rm", "--quiet", "--cached", ".copier-answers.yml")
    put(project, {".gitignore": ".copier-answers.yml\n"})
    commit(project)


@given("no repository")
def _(stage: Stage) -> None:
    shutil.rmtree(stage.workplace.parent / "project" / ".git")


@given("no commit")
def _(stage: Stage) -> None:
    shutil.rmtree(stage.workplace.parent / "project" / ".git")
    git(stage.workplace.parent / "project", "init", "--quiet")


@given("a repository of another user")
def _(stage: Stage) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    project = stage.workplace.parent / "project"
    for path in [project, *project.rglob("*")]:
        os.chown(path, 12345, 12345)


@given("a repository that is damaged")
def _(stage: Stage) -> None:
    (stage.workplace.parent / "project" / ".git" / "index").write_bytes(b"damaged")


@given("a merge in progress")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project" / ".git", {"MERGE_HEAD": "0" * 40 + "\n"})


@given("an update that left a conflict")
def _(stage: Stage) -> None:
    world = stage.waiting()
    world.edit({"a.txt": edited(15, "MINE")})
    assert world.update().code == 4


@given("an update whose conflict was committed as it was")
def _(stage: Stage) -> None:
    world = stage.waiting()
    world.edit({"a.txt": edited(15, "MINE")})
    assert world.update().code == 4
    commit(world.project)
    world.release("3.0.0")


@given("a record of a version to come")
def _(stage: Stage) -> None:
    _record(stage, "_commit: v1.0.0", "_commit: v9.0.0")


@given("a record of a version that never was")
def _(stage: Stage) -> None:
    _record(stage, "_commit: v1.0.0", "_commit: v0.0.9")


@given("a record of another template")
def _(stage: Stage) -> None:
    _record(stage, "https://fastapi-scaffold.invalid/fastapi-scaffold.git", "https://example.org/other.git")


@given("a record that was changed by hand")
def _(stage: Stage) -> None:
    _record(stage, "database: sqlite", "database: papyrus")


def _record(stage: Stage, old: str, new: str) -> None:
    world = stage.world()
    text = world.read(".copier-answers.yml")
    assert old in text
    world.edit({".copier-answers.yml": text.replace(old, new)})


@given("a version without the answer of the project")
def _(stage: Stage) -> None:
    database = choice("database", "postgresql", postgresql=["database"], none=[])
    stage.world().release("2.0.0", questions=QUESTIONS | {"database": database})


@given("a version with a question in place of another")
def _(stage: Stage) -> None:
    questions = {name: question for name, question in QUESTIONS.items() if name != "auth"}
    questions["sign_in"] = choice("sign-in", "password", password=["auth"], key=["auth"])
    stage.world().release("2.0.0", questions=questions)


@given("a record with the conflict of two branches")
def _(stage: Stage) -> None:
    _record(stage, "database: sqlite\n", "<<<<<<< HEAD\ndatabase: sqlite\n=======\ndatabase: none\n>>>>>>> other\n")


@given("a record in which git kept the lines of two branches")
def _(stage: Stage) -> None:
    _record(stage, "database: sqlite\n", "database: postgresql\ndatabase: none\n")


@given("changes that git was told not to see")
def _(stage: Stage) -> None:
    project = stage.workplace.parent / "project"
    git(project, "update-index", "--assume-unchanged", "a.txt")
    put(project, {"a.txt": edited(2, "MINE")})


@given("a link where the update needs a directory")
def _(stage: Stage) -> None:
    ignored = {".gitignore": "new/deep\n"}
    world = World(stage.workplace.parent, stage.monkeypatch)
    world.release("1.0.0", _files("old") | ignored)
    world.new()
    world.edit({"old/deep/own.txt": "MINE\n", "old/own.txt": "MINE\n"})
    world.edit({"new/deep": stage.workplace})
    world.release("2.0.0", _files("new") | ignored)


@given("a submodule in a directory that moves")
def _(stage: Stage) -> None:
    world = World(stage.workplace.parent, stage.monkeypatch)
    world.release("1.0.0", _files("old"))
    world.new()
    put(stage.workplace, {"x.txt": "x\n"})
    git(stage.workplace, "init", "--quiet")
    commit(stage.workplace)
    add = ["submodule", "--quiet", "add", str(stage.workplace), "old/library"]
    git(world.project, "-c", "protocol.file.allow=always", *add)
    commit(world.project)
    world.release("2.0.0", _files("new"))


def _files(directory: str) -> dict[str, str]:
    return {f"{directory}/{name}.txt": f"{name}\n" * 9 for name in "abcd"}


@given("another git command at work")
def _(stage: Stage) -> None:
    put(stage.workplace.parent / "project", {".git/index.lock": ""})


@given("a file that changes while the update is prepared")
def _(stage: Stage) -> None:
    from fastapi_scaffold.updating import apply

    move, project = apply._move, stage.workplace.parent / "project"

    def moved_after(staging: Path) -> None:
        put(project, {"a.txt": "MINE\n"})
        move(staging)

    stage.monkeypatch.setattr(apply, "_move", moved_after)


@given("a directory that cannot be written")
def _(stage: Stage) -> None:
    """As root, permissions stop nobody: a file where the update makes its plan does."""
    put(stage.workplace.parent / "project" / ".git", {"fastapi-scaffold-update": "x"})


@given("an interrupted update and something new in its place")
def _(stage: Stage) -> None:
    from fastapi_scaffold.updating import transaction

    def in_the_way(_staging: Path) -> NoReturn:
        raise transaction.InTheWay("a.txt")

    stage.monkeypatch.setattr(transaction, "is_unfinished", lambda _staging: True)
    stage.monkeypatch.setattr(transaction, "roll_back", in_the_way)


@given("Ctrl-C while it is merged")
def _(stage: Stage) -> None:
    stage.monkeypatch.setattr("fastapi_scaffold.writing.engine.render", _interrupt)
