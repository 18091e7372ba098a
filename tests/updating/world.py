"""A small template in several versions, a project of it, and an update of that project in this process.

Whatever a test does, three things are checked after each update: no line that holds MINE is gone from the disk, a
failure has changed nothing, and a second update of what was committed finds nothing to do.
"""

import contextlib
import io
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_scaffold import cli
from fastapi_scaffold.writing import engine, template
from fastapi_scaffold.writing.project import ANSWERS_FILE
from tests.console import Result
from tools.release import append

Content = str | bytes | Path | None
"""Text, bytes, where a link leads, or nothing at all."""

PRECIOUS = b"MINE"


def row(provides: list[str], needs: Mapping[str, str]) -> dict[str, Any]:
    return {"label": "Label", "hint": "hint", "provides": provides, "needs": dict(needs), "files": [], "memory": False}


# The resource that a project begins with where a value is called so.
WRITTEN = {"item": "item name:str:unique price:money"}


def choice(name: str, default: str, **values: list[str]) -> dict[str, Any]:
    """Return a question with these choices, to go into `questions`; its rows go into the catalogue."""
    return {"type": "str", "help": f"Which {name}?", "default": default, "rows": values}


QUESTIONS: dict[str, Any] = {
    "project_name": {"type": "str", "help": "What is it called?", "default": "Small"},
    "database": choice("database", "sqlite", sqlite=["database"], postgresql=["database"], none=[]),
    "auth": choice("sign-in", "jwt", jwt=["auth"], none=[]),
}
FILES: dict[str, Content] = {
    "{{ _copier_conf.answers_file }}.jinja": (
        "# Written by updates.\n{{ dict(_copier_answers, **template_origin) | to_nice_yaml -}}\n"
    ),
    "a.txt": "".join(f"line {number}\n" for number in range(1, 21)),
    ".gitignore": ".env\nignored/\n*.log\n",
    "pyproject.toml": '[project]\nname = "small"\n',
}


Needs = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Question → value → capability → why the value needs it."""


def copier_yml(questions: Mapping[str, Any], paths: Mapping[str, list[str]], needs: Needs, **entries: Any) -> str:
    catalogue = {
        name: {
            value: row(provides, needs.get(name, {}).get(value, {})) | {"written": WRITTEN.get(value, "")}
            for value, provides in entry["rows"].items()
        }
        for name, entry in questions.items()
        if "rows" in entry
    }
    asked = {
        name: {
            **{key: value for key, value in entry.items() if key != "rows"},
            **({"choices": list(entry["rows"])} if "rows" in entry else {}),
        }
        for name, entry in questions.items()
    }
    exclude = "{% for path in absent or [] %}\n/{{ path }}\n{% endfor %}\n"
    provided = "".join(f"{{{{ catalogue.{name}[{name}].provides | join(' ') }}}} " for name in catalogue)
    absent = (
        "{% for path, needs in paths.items() if needs | reject('in', provided.split()) | list %}\n- {{ path }}\n"
        "{% endfor %}"
    )
    hidden = {name: {"type": "yaml", "when": False, "default": value} for name, value in entries.items()}
    document = {
        "_subdirectory": "template",
        "_templates_suffix": ".jinja",
        "_answers_file": ANSWERS_FILE,
        "_preserve_symlinks": True,
        "_envops": {"trim_blocks": True, "keep_trailing_newline": True, "undefined": "jinja2.StrictUndefined"},
        "_exclude": [exclude],
        "catalogue": {"type": "yaml", "when": False, "default": catalogue},
        "paths": {"type": "yaml", "when": False, "default": dict(paths)},
        # Questions may look at tables, and what is computed looks at answers.
        **{name: entry for name, entry in hidden.items() if not isinstance(entry["default"], str)},
        **asked,
        "provided": {"type": "str", "when": False, "default": provided},
        "absent": {"type": "yaml", "when": False, "default": absent if paths else "[]"},
        "template_origin": {"type": "json", "when": False, "default": "{}"},
        **{name: entry for name, entry in hidden.items() if isinstance(entry["default"], str)},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def put(root: Path, files: Mapping[str, Content]) -> None:
    """Write files; links replace what is there, and None removes it."""
    for name, content in files.items():
        path = root / name
        if path.is_symlink() or path.is_file():
            path.unlink()
        if content is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def edited(number: int, text: str, source: Content = FILES["a.txt"]) -> str:
    """Return the lines of `a.txt` with another one at `number`."""
    assert isinstance(source, str)
    lines = source.splitlines(keepends=True)
    lines[number - 1] = f"{text}\n"
    return "".join(lines)


def git(directory: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr.decode()
    return os.fsdecode(done.stdout).rstrip("\n")


def commit(directory: Path, message: str = "x") -> None:
    git(directory, "add", "--all", ".")
    identity = ["-c", "user.name=x", "-c", "user.email=x@y", "-c", "commit.gpgsign=false"]
    git(directory, *identity, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)


def snapshot(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Return everything on the disk, with modes; of what git keeps only what says what is checked out and staged."""
    paths = [directory / ".git" / name for name in ("index", "HEAD", "index.lock")]
    for parent, directories, names in os.walk(directory):
        if parent == str(directory) and ".git" in directories:
            directories.remove(".git")
        # Links to directories are among the directories.
        paths += [Path(parent, name) for name in [*names, *directories]]
    found = {}
    for path in paths:
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            found[name] = 0, os.fsencode(path.readlink())
        elif path.is_file():
            found[name] = path.stat().st_mode, path.read_bytes()
        elif path.exists() and not path.is_dir():
            found[name] = path.lstat().st_mode, b""
    return found


def precious_lines(files: Mapping[str, tuple[int, bytes]]) -> set[bytes]:
    contents = [content for name, (_, content) in files.items() if not name.startswith(".git/")]
    return {line.strip() for content in contents for line in content.splitlines() if PRECIOUS in line}


class World:
    """Versions of a template, and one project."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.project = place / "project"
        self.package = place / "package"
        self.package.mkdir(parents=True)
        self.versions: list[str] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(template, "_package", lambda: self.package)

    def release(
        self,
        version: str,
        files: Mapping[str, Content] | None = None,
        *,
        questions: Mapping[str, Any] | None = None,
        paths: Mapping[str, list[str]] | None = None,
        needs: Needs | None = None,
        executable: Sequence[str] = (),
        **entries: Any,
    ) -> None:
        """Release a template: FILES with changes, QUESTIONS or others. It becomes the one of this program."""
        root = self.package / "_template"
        put(root, {"copier.yml": copier_yml(questions or QUESTIONS, paths or {}, needs or {}, **entries)})
        for path in sorted((root / "template").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        put(root / "template", {**FILES, **(files or {})})
        for name in executable:
            (root / "template" / name).chmod(0o755)
        append(self.package / "versions.bundle", f"v{version}", root)
        self.versions.append(version)
        self._monkeypatch.setattr(template, "__version__", version)

    def new(self, place: Path | None = None, **answers: str) -> Path:
        """Generate the project with the newest version, and commit it."""
        place = place or self.project
        given = {"project_name": "Small", "database": "sqlite", "auth": "jwt"} | answers
        engine.render(given, place)
        if not git(place.parent, "rev-parse", "--show-toplevel", check=False).startswith(str(self.place)):
            git(place, "init", "--quiet", "--initial-branch", "main")
        commit(place, "new")
        self.project = place
        return place

    def edit(self, files: Mapping[str, Content], *, save: bool = True) -> None:
        """Let the user change files of the project, and commit that."""
        put(self.project, files)
        if save:
            commit(self.project, "edit")

    def update(self, *arguments: str, again: bool = True) -> Result:
        """Update the project without proving it, and check what always holds."""
        before = snapshot(self.project)
        result = self.run("--no-verify", *arguments)
        after = snapshot(self.project)
        assert precious_lines(before) <= precious_lines(after), result
        if result.code not in {0, 4} or {"--dry-run", "--diff", "--check"} & set(arguments):
            assert after == before, result
        elif result.code == 0 and again:
            commit(self.project, "update")
            done = snapshot(self.project)
            to = arguments[arguments.index("--to") :][:2] if "--to" in arguments else ()
            second = self.run("--no-verify", *to)
            assert (second.code, "up to date" in second.out) == (0, True), second
            assert snapshot(self.project) == done
        return result

    def run(self, *arguments: str) -> Result:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run(["update", str(self.project), *arguments])
        return Result(code, out.getvalue(), err.getvalue())

    def read(self, name: str) -> str:
        return (self.project / name).read_bytes().decode()

    def status(self) -> dict[str, str]:
        """Return what git says of each file that is not as committed, the answers file left out."""
        lines = git(self.project, "status", "--porcelain", "--untracked-files=all", "-z", ".").split("\0")
        return {line[3:]: line[:2] for line in lines if line and not line.endswith(ANSWERS_FILE) and line[2:3] == " "}
