"""Random edits × random changes of version and answers: nothing of the user's is lost.

The whole lane tries 300 cases, always the same; the slow lane 10,000 others each time, with `-m slow -k nothing`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_scaffold.updating import apply
from fastapi_scaffold.writing import engine
from fastapi_scaffold.writing.template import Versions, load_versions
from tests.updating.world import Content, World, commit, git, precious_lines, put, snapshot


def text(name: str, *changes: int) -> str:
    """Return thirty lines, some of them changed."""
    lines = [f"{name} {number}" + (" changed" if number in changes else "") + "\n" for number in range(30)]
    return "".join(lines)


PATHS = {"auth": ["auth"], "db.txt": ["database"], "log": ["database"]}
HISTORIES = {"log": {"behind": "Write the next one.", "steps": ["write it"], "unused": "Nobody reads it."}}
IGNORED = ".env\nignored/\n*.log\nlocal.txt\n"
COMMON: dict[str, Content] = {".gitignore": IGNORED, "plain.txt": text("plain"), "url.txt.jinja": "{{ database }}\n"}
VERSIONS: dict[str, dict[str, Content]] = {
    "1.0.0": {
        **COMMON,
        "one.txt": text("one"),
        "two.txt": text("two"),
        "old/a.txt": text("a"),
        "old/b.txt": text("b"),
        "auth/login.txt.jinja": text("login") + "{{ database }}\n",
        "auth/more.txt": text("more"),
        "db.txt": text("db"),
        "log/1.txt": text("log"),
        "run.sh": "#!/bin/sh\n",
        "b.bin": bytes(range(200)),
        "link": Path("one.txt"),
        "crlf.txt": text("crlf").replace("\n", "\r\n"),
    },
    "2.0.0": {
        **COMMON,
        "one.txt": text("one", 3, 17),
        "three.txt": text("two", 5),
        "new/a.txt": text("a"),
        "new/b.txt": text("b", 9),
        "auth/login.txt.jinja": text("login", 12) + "{{ database }}\n",
        "db.txt": text("db", 1),
        "log/1.txt": text("log", 7),
        "log/2.txt": text("log two"),
        "run.sh": "#!/bin/sh\necho\n",
        "b.bin": bytes(reversed(range(200))),
        "link": Path("plain.txt"),
        "crlf.txt": text("crlf", 20).replace("\n", "\r\n"),
        "local.txt": text("local"),
        "added.txt": text("added"),
    },
    "3.0.0": {
        **COMMON,
        "one.txt": text("one", 3, 4, 5, 6, 17),
        "new/a.txt": text("a", 1),
        "new/b": text("file in place of b"),
        "auth/session/login.txt.jinja": text("login", 12, 13) + "{{ database }}\n",
        "db/one.txt": text("db", 1),
        "log/1.txt": text("log"),
        "run.sh/now/a/directory.txt": text("directory"),
        "link": "a file now\n",
        "added.txt": text("added", 8),
    },
}
PLACES = [
    *sorted({path.removesuffix(".jinja") for files in VERSIONS.values() for path in files}),
    *["own.txt", "auth/own.txt", "old/own.txt", "old/deep/own.txt", "new", "auth", "db", ".env", "ignored/own.txt"],
    *["x.log", "ü \"'.txt", "ONE.TXT", "Auth/login.txt"],
]
ATTRIBUTES = ["* text=auto eol=crlf", "*.txt merge=union", "*.txt -merge", "*.txt binary", "*.txt ident"]
ANSWERS = st.fixed_dictionaries(
    {"database": st.sampled_from(["sqlite", "postgresql", "none"]), "auth": st.sampled_from(["jwt", "none"])}
)
KINDS = [
    *["line", "insert", "append", "cut", "delete", "move", "move directory", "copy", "case", "link", "directory"],
    *["crlf", "binary", "mode", "own", "untrack", "attributes"],
]
WAYS = [("1.0.0", "2.0.0"), ("1.0.0", "3.0.0"), ("2.0.0", "3.0.0"), ("1.0.0", "1.0.0")]


@dataclass(frozen=True)
class Edit:
    """One thing that the user does."""

    kind: str
    path: str
    other: str
    line: int


@dataclass(frozen=True)
class Case:
    """A project, what the user does to it, and the update. Before that, one that `fails` may be tried."""

    way: tuple[str, str]
    before: dict[str, str]
    after: dict[str, str]
    edits: list[Edit]
    fails: bool


EDITS = st.builds(Edit, st.sampled_from(KINDS), st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(0, 29))
CASES = st.builds(Case, st.sampled_from(WAYS), ANSWERS, ANSWERS, st.lists(EDITS, max_size=8), st.booleans())


def make(project: Path, edit: Edit, number: int) -> None:
    """Do it, as far as it is possible on this project."""
    path, mine = project / edit.path, f"MINE {number}\n"
    if edit.kind == "own":
        if is_free(path):
            put(project, {edit.path: mine * (edit.line % 3 + 1)})
    elif edit.kind == "attributes":
        put(project, {".gitattributes": ATTRIBUTES[edit.line % len(ATTRIBUTES)] + f"\n# {mine}"})
    elif path.is_file() and not path.is_symlink():
        if edit.kind in {"line", "insert", "append", "cut", "crlf", "binary"}:
            path.write_bytes(written(path.read_bytes(), edit, mine.encode()))
        else:
            handle(project, edit, mine)


def written(content: bytes, edit: Edit, mine: bytes) -> bytes:
    """Return what a file becomes."""
    lines = content.splitlines(keepends=True)
    at = min(edit.line, max(len(lines) - 1, 0))
    return {
        "line": b"".join([*lines[:at], mine, *lines[at + 1 :]]),
        "insert": b"".join([*lines[:at], mine, *lines[at:]]),
        "append": content + mine,
        "cut": b"".join([*lines[:at], *lines[at + 3 :]]),
        "crlf": content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        "binary": b"\0\1\2" + mine,
    }[edit.kind]


def handle(project: Path, edit: Edit, mine: str) -> None:
    """Do something with a file as a whole."""
    path, target = project / edit.path, project / edit.other
    if edit.kind == "case":
        target = path.with_name(path.name.swapcase())
    elif edit.kind == "move directory":
        path, target = path.parent, target.parent / "moved"
    if edit.kind == "delete":
        path.unlink()
    elif edit.kind in {"move", "case", "move directory"}:
        if path != project and path not in target.parents and is_free(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
    elif edit.kind == "copy":
        if is_free(target):
            put(project, {edit.other: path.read_bytes() + mine.encode()})
    elif edit.kind == "link":
        path.unlink()
        path.symlink_to(mine.strip().replace(" ", "-"))
    elif edit.kind == "directory":
        path.unlink()
        put(path, {"own.txt": mine})
    elif edit.kind == "mode":
        path.chmod(path.stat().st_mode ^ 0o111)
    elif edit.kind == "untrack":
        git(project, "rm", "--quiet", "--cached", "--force", "--ignore-unmatch", "--", edit.path)
        with (project / ".git" / "info" / "exclude").open("a") as file:
            file.write(f"/{edit.path}\n")


def is_free(path: Path) -> bool:
    """Tell whether something can be put there."""
    return not (path.exists() or path.is_symlink()) and not any(
        parent.is_file() or parent.is_symlink() for parent in path.parents
    )


def is_history(name: str) -> bool:
    """Tell whether it is in a history, or was before it was moved as a whole."""
    return name.startswith("log/") or name.endswith("moved/1.txt")


def precious(files: Mapping[str, tuple[int, bytes]]) -> set[bytes]:
    """Return the user's lines, and where the user's links lead."""
    return precious_lines(files)


def untracked(project: Path, files: Mapping[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    """Return the files that git does not have: nobody else has them."""
    known = set(git(project, "ls-files", "-z").split("\0"))
    return {name: found for name, found in files.items() if name not in known and not name.startswith(".git/")}


@pytest.fixture(scope="module")
def monkey_module() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where renders are kept: each version with each set of answers is rendered once."""
    return tmp_path_factory.mktemp("rendered")


@pytest.fixture(scope="module")
def versions(
    tmp_path_factory: pytest.TempPathFactory, monkey_module: pytest.MonkeyPatch, rendered: Path
) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), monkey_module)
    for version, files in VERSIONS.items():
        world.release(version, files, paths=PATHS, histories=HISTORIES)
    render = engine.render

    def render_once(answers: dict[str, str], destination: Path, root: Path | None = None, version: str = "") -> None:
        place = rendered / json.dumps([answers, version]).replace("/", "_")
        if not place.exists():
            render(answers, place, root, version)
        shutil.copytree(place, destination, symlinks=True, dirs_exist_ok=True)

    monkey_module.setattr(engine, "render", render_once)
    with ExitStack() as stack:
        known = load_versions()
        roots = {name: stack.enter_context(known.checked_out(name)) for name in known.released}
        monkey_module.setattr(Versions, "checked_out", lambda _self, version: nullcontext(roots[version]))
        yield world


@pytest.fixture(scope="module")
def pristine(versions: World, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that gives a fresh project of a version with answers."""
    numbers, made = count(), tmp_path_factory.mktemp("made")

    def give(version: str, answers: dict[str, str]) -> Path:
        source = made / f"{version}-{'-'.join(answers.values())}"
        if not source.exists():
            with load_versions().checked_out(f"v{version}") as root:
                engine.render({"project_name": "Small", **answers}, source, root, f"v{version}")
            git(source, "init", "--quiet", "--template=")
            (source / ".git" / "info").mkdir(exist_ok=True)
            commit(source)
        target = made / f"project-{next(numbers)}"
        shutil.copytree(source, target, symlinks=True)
        return target

    return give


SETTINGS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


# With each of the two ways in which git can merge.
@pytest.mark.whole
@settings(max_examples=150, derandomize=True, **SETTINGS)
@given(case=CASES)
def test_nothing_is_lost(each_git: str, versions: World, pristine: Any, case: Case) -> None:
    try_out(versions, pristine, case)


@pytest.mark.slow
@settings(max_examples=5000, print_blob=True, **SETTINGS)
@given(case=CASES)
def test_nothing_is_lost_in_ten_thousand_cases(each_git: str, versions: World, pristine: Any, case: Case) -> None:
    try_out(versions, pristine, case)


def try_out(world: World, pristine: Any, case: Case) -> None:
    project = world.project = pristine(case.way[0], case.before)
    try:
        check(world, project, case)
    finally:
        shutil.rmtree(project)


def check(world: World, project: Path, case: Case) -> None:
    for number, edit in enumerate(case.edits):
        make(project, edit, number)
    commit(project)
    if (project / ".gitattributes").exists():
        # Every file as these attributes want it, not as it was when they were written.
        git(project, "add", "--renormalize", ".")
        commit(project)
        git(project, "read-tree", "--empty")
        git(project, "reset", "--hard", "--quiet")
    answers = [f"--data={name}={value}" for name, value in case.after.items()]
    arguments = ["--no-verify", "--json", "--to", case.way[1], *answers]
    # Git sees a file's change only through its time: what happened within one tick has to be read.
    git(project, "status")
    was = snapshot(project)
    untouchable = untracked(project, was)
    if case.fails:
        fail(world, arguments)
        assert snapshot(project) == was
    result = world.run(*arguments)
    now = snapshot(project)
    # What the template has no more goes while nothing there is the user's.
    assert {name for name in was if is_history(name) and now.get(name, was[name]) != was[name]} == set()
    if result.code in {1, 2}:
        assert now == was
        expected = {"link_in_the_way", "changed_meanwhile", "impossible_combination"}
        assert json.loads(result.out)["error"]["code"] in expected
        return
    report = json.loads(result.out)
    # Every line of the user's is still on the disk, and what git does not have is as it was.
    assert precious(was) <= precious(now)
    assert untouchable == {name: found for name, found in now.items() if name in untouchable}
    links = {content for mode, content in was.values() if mode == 0 and content.startswith(b"MINE")}
    assert links <= {content for mode, content in now.values() if mode == 0}
    told = {file["path"] for file in report["files"]} | {file.get("from") for file in report["files"]}
    differing = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    assert {name for name in differing if not name.startswith(".git/")} <= told
    unmerged = {line.split("\t")[1] for line in git(project, "ls-files", "-u", "-z").split("\0") if line}
    assert unmerged == set(report["conflicts"])
    assert result.code == (4 if unmerged else 0)
    if report["up_to_date"]:
        assert now == was
    elif unmerged:
        assert world.run(*arguments).code == 4
        subprocess.run(["sh", "-c", report["undo"]], check=True)
        restored = {name: found for name, found in snapshot(project).items() if not name.startswith(".git/index")}
        assert restored == {name: found for name, found in was.items() if not name.startswith(".git/index")}
    else:
        commit(project)
        done = snapshot(project)
        again = world.run(*arguments)
        assert (again.code, json.loads(again.out)["up_to_date"]) == (0, True)
        assert snapshot(project) == done


def fail(world: World, arguments: list[str]) -> None:
    """Let the update fail when all is prepared."""

    def broken(_staging: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "_move", broken)
        world.run(*arguments)
