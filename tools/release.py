"""Release the template as it is: `uv run python -m tools.release VERSION`.

Checks that it can be released, appends it to the bundle of versions, sets `__version__` and gives the changelog its
heading. The same input makes the same bytes. It commits nothing; the commands for that are printed.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from fastapi_scaffold.asking.questions import Questionnaire, load_questionnaire
from fastapi_scaffold.system.errors import ScaffoldError
from fastapi_scaffold.system.git import Git
from fastapi_scaffold.updating.merge import modifications
from fastapi_scaffold.writing import template
from fastapi_scaffold.writing.engine import render

ROOT = Path(__file__).resolve().parent.parent
NAME = "fastapi-scaffold"
# They would make Copier ask its users for --trust, or keep it from updating.
FORBIDDEN = ("_tasks", "_migrations", "_jinja_extensions", "_external_data")
VERSION = re.compile(r"\d+\.\d+\.\d+")
SET_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class NotReleasable(Exception):
    """Why this cannot be released."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("version", help="such as 0.2.0")
    parser.add_argument("--check", action="store_true", help="only check, change nothing")
    arguments = parser.parse_args()
    try:
        check(ROOT, arguments.version)
        if not arguments.check:
            release(ROOT, arguments.version)
    except (NotReleasable, ScaffoldError) as error:
        sys.exit(f"error: {error}")
    if not arguments.check:
        tag = f"v{arguments.version}"
        # The wizard shows the version; and the bundle is new at the first release.
        sys.stdout.write("uv run python -m tools.pictures\n")
        sys.stdout.write(f"git add {bundle_of(ROOT).relative_to(ROOT)}\ngit commit --all --message 'Release {tag}'\n")
        sys.stdout.write(f"git tag --annotate {tag} --message {tag}\n")


def check(root: Path, version: str) -> None:
    """Raise NotReleasable if `root` cannot be released as `version`."""
    if not VERSION.fullmatch(version):
        raise NotReleasable(f'"{version}" is not of the form 1.2.3.')
    versions = template.released(bundle_of(root))
    newest = list(versions)[-1] if versions else ""
    if newest and not template.is_older(newest, f"v{version}"):
        raise NotReleasable(f"{newest} is released already; {version} does not come after it.")
    changes = UNRELEASED.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not (changes and changes[1].strip()):
        raise NotReleasable("CHANGELOG.md has nothing under `## Unreleased`.")
    dirty = Git(root).out("status", "--porcelain", "--", "copier.yml", "template").decode()
    if dirty:
        raise NotReleasable(f"The template has changes that are not committed:\n{dirty}")
    check_template(root)
    if newest:
        with TemporaryDirectory() as scratch:
            previous = unpack(bundle_of(root), newest, Path(scratch, "root"))
            check_questions(load_questionnaire(previous), load_questionnaire(root))


def check_template(root: Path) -> None:
    """Raise NotReleasable if plain Copier could not use the template, or it does not render."""
    entries = yaml.safe_load((root / "copier.yml").read_text(encoding="utf-8"))
    if forbidden := [name for name in FORBIDDEN if name in entries]:
        raise NotReleasable(f"copier.yml has {', '.join(forbidden)}.")
    with TemporaryDirectory() as scratch:
        render({"project_name": "My API"}, Path(scratch, "project"), root, "v0")


def check_questions(old: Questionnaire, new: Questionnaire) -> None:
    """Raise NotReleasable if an answer to an `old` question would get lost with the `new` ones."""
    later = {question.name: question for question in new.questions}
    for question in old.questions:
        name = question.name
        if name not in later:
            if not any(name in (other.default or "") for other in new.questions):
                raise NotReleasable(f"{name} is asked no more, and no default of a question refers to it.")
        elif gone := set(question.values) - set(later[name].values):
            raise NotReleasable(f"{name} can no longer be {', '.join(sorted(gone))}. Keep the choice.")
    for name in later.keys() - {question.name for question in old.questions}:
        if later[name].default is None:
            raise NotReleasable(f"The new question {name} has no default.")


def release(root: Path, version: str) -> None:
    """Write the version into the bundle, the package and the changelog."""
    append(bundle_of(root), f"v{version}", root)
    module = root / "fastapi_scaffold" / "__init__.py"
    module.write_text(
        SET_VERSION.sub(f'__version__ = "{version}"', module.read_text(encoding="utf-8")), encoding="utf-8"
    )
    changelog = root / "CHANGELOG.md"
    heading = f"## {version} ({datetime.now(UTC).date().isoformat()})"
    text = changelog.read_text(encoding="utf-8").replace("## Unreleased\n", f"## Unreleased\n\n{heading}\n", 1)
    changelog.write_text(text, encoding="utf-8")


def append(bundle: Path, version: str, root: Path) -> None:
    """Append `copier.yml` and `template/` in `root` to the bundle as one commit and one annotated tag."""
    history = list(template.released(bundle))
    with TemporaryDirectory() as scratch:
        git = Git(Path(scratch))
        git.out("init", "--quiet", "--bare", "--template=", "--object-format=sha1")
        if history:
            git.out("fetch", "--quiet", str(bundle.resolve()), "refs/*:refs/*")
        git.out("fast-import", "--quiet", stdin=b"".join(commit_and_tag(root, version, history)))
        tree = template.tree_of(root)
        if git.line("rev-parse", f"{version}^{{tree}}") != tree:
            raise NotReleasable("Git makes another tree of the template than we do.")
        git.out("update-ref", f"refs/trees/{version}", tree)
        written = Path(scratch, "new.bundle")
        # With several threads the packing would depend on the machine.
        git.out("-c", "pack.threads=1", "bundle", "create", "--quiet", str(written), "--tags", "--glob=refs/trees")
        bundle.write_bytes(written.read_bytes())


def commit_and_tag(root: Path, version: str, history: Sequence[str]) -> Iterator[bytes]:
    """Yield the release for `git fast-import`."""
    # The date means nothing, but ids depend on it: one second for each version.
    who = f"{NAME} <{NAME}> {len(history)} +0000\n"
    data = f"data {len(version)}\n{version}\n"
    yield f"commit refs/heads/release\ncommitter {who}{data}".encode()
    yield f"from refs/tags/{history[-1]}^0\ndeleteall\n".encode() if history else b""
    yield from modifications(template.read_template(root), "")
    yield f"tag {version}\nfrom refs/heads/release\ntagger {who}{data}".encode()


def unpack(bundle: Path, version: str, target: Path) -> Path:
    """Put a version's `copier.yml` and `template/` into the new directory `target`."""
    Git(target.parent).out("clone", "--quiet", "--branch", version, str(bundle.resolve()), str(target))
    return target


def bundle_of(root: Path) -> Path:
    """Return where the versions of a checkout are."""
    return root / "fastapi_scaffold" / template.bundle().name


if __name__ == "__main__":
    main()
