"""The template's versions: the one that this package carries, and the released ones in a git bundle beside it.

The bundle holds an annotated tag for each release, with `copier.yml` and `template/` and nothing else, and a ref below
`refs/trees/` that names the tree: its header, which is text, says all there is to know without running git. A checkout
or a wheel made between two releases offers its own tree too, as a development version.
"""

import hashlib
import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi_scaffold import __version__
from fastapi_scaffold.errors import ExitCode, ScaffoldError

# Recorded in every generated project. The project has no public home yet, and a reserved domain can never resolve to
# somebody else's repository.
SOURCE_URL = "https://fastapi-scaffold.invalid/fastapi-scaffold.git"
PARTS = ("copier.yml", "template")
# What tools leave behind in a checkout; `_exclude` in copier.yml names the same.
_LITTER = re.compile(r"__pycache__|\.DS_Store|.*\.pyc")
_REF = re.compile(r"([0-9a-f]{40}) refs/trees/(v\S+)")
_VERSION = re.compile(r"v(\d+(?:\.\d+)*)(.*)", re.DOTALL)


def template_root() -> Path:
    """Return the directory with `copier.yml` and `template/`: inside the wheel, or the checkout around the package."""
    bundled = _package() / "_template"
    return bundled if bundled.is_dir() else _package().parent


def bundle() -> Path:
    """Return where the released versions are."""
    return _package() / "versions.bundle"


def template_origin(version: str) -> dict[str, str]:
    """Return what the answers file records as the source, so that an update finds the same template again."""
    return {"_src_path": SOURCE_URL, "_commit": version}


def released(path: Path | None = None) -> Mapping[str, str]:
    """Return the released versions, oldest first, each with its tree; none before the first release."""
    try:
        with (path or bundle()).open("rb") as file:
            # The header ends with an empty line; what follows is binary.
            lines = [line.decode() for line in iter(file.readline, b"\n")] if file.readable() else []
    except FileNotFoundError:
        return {}
    found = {match[2]: match[1] for match in map(_REF.match, lines) if match}
    return {version: found[version] for version in sorted(found, key=_order)}


def own_version(root: Path | None = None) -> str:
    """Return the version of the tree in this package: a release if it is one, else a development version."""
    tree = tree_of(root or template_root())
    release = f"v{__version__}"
    return release if released().get(release) == tree else f"{release}+{tree[:12]}"


def find_version(recorded: str) -> str:
    """Return the version, released or own, that a project's record names.

    Raises ScaffoldError if this package does not have it.
    """
    own = own_version()
    versions = {**{version: version for version in released()}, own: own}
    # A development version is known by its tree, also when that was released later.
    versions |= {recorded: version for version, tree in released().items() if _is_development(recorded, tree)}
    if recorded in versions:
        return versions[recorded]
    known = ", ".join(versions)
    if _order(recorded) > _order(own) and "+" not in recorded and "-" not in recorded:
        raise ScaffoldError(
            "newer_than_tool",
            f"{recorded} is newer than this program, which knows the versions up to {list(versions)[-1]}.",
            "Update fastapi-scaffold first: uvx fastapi-scaffold@latest update",
            ExitCode.USAGE,
        )
    raise ScaffoldError(
        "unknown_version",
        f"There is no version {recorded}; this program knows {known}.",
        "Development versions are not kept. Name the released version that is nearest as _commit in"
        " .copier-answers.yml, and commit that."
        if "+" in recorded or "-" in recorded
        else "Choose one of these.",
        ExitCode.USAGE,
    )


def is_older(version: str, other: str) -> bool:
    """Tell whether `version` comes before `other`."""
    return _order(version) < _order(other)


@contextmanager
def checked_out(version: str) -> Generator[Path]:
    """Give a directory with `copier.yml` and `template/` as they were in `version`."""
    if version == own_version():
        yield template_root()
        return
    from fastapi_scaffold.git import Git

    with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        # Nothing of the user's settings may change the files on their way.
        plain = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "advice.detachedHead=false"]
        Git(Path(scratch)).out(
            *plain, "clone", "--quiet", "--template=", "--branch", version, str(bundle().resolve()), "root"
        )
        yield Path(scratch, "root")


def tree_of(root: Path) -> str:
    """Return the id that git gives to the tree of `copier.yml` and `template/` in `root`."""
    return _tree([_entry(root / name) for name in PARTS])


def _package() -> Path:
    return Path(__file__).resolve().parent


def _is_development(recorded: str, tree: str) -> bool:
    _, separator, short = recorded.partition("+")
    return bool(separator) and len(short) >= 12 and tree.startswith(short)


def _order(version: str) -> tuple[tuple[int, ...], str]:
    found = _VERSION.match(version)
    return (tuple(map(int, found[1].split("."))), found[2]) if found else ((), version)


def _entry(path: Path) -> tuple[bytes, bytes, str]:
    """Return the path as git keeps it in a tree: mode, name, id."""
    name = os.fsencode(path.name)
    if path.is_symlink():
        return b"120000", name, _object("blob", os.fsencode(path.readlink()))
    if path.is_dir():
        children = [_entry(child) for child in path.iterdir() if not _LITTER.fullmatch(child.name)]
        return b"40000", name, _tree(children)
    mode = b"100755" if path.stat().st_mode & 0o100 else b"100644"
    return mode, name, _object("blob", path.read_bytes())


def _tree(entries: list[tuple[bytes, bytes, str]]) -> str:
    # Git sorts directories as if their names ended with a slash, and does not know empty ones.
    kept = [entry for entry in entries if entry[2] != _EMPTY_TREE]
    kept.sort(key=lambda entry: entry[1] + (b"/" if entry[0] == b"40000" else b""))
    return _object("tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in kept))


def _object(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


_EMPTY_TREE = _object("tree", b"")
