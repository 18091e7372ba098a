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
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi_scaffold import __version__
from fastapi_scaffold.system.errors import ExitCode, ScaffoldError
from fastapi_scaffold.system.files import read_file, read_files
from fastapi_scaffold.system.shell import typed

# Recorded in every generated project. The project has no public home yet, and a reserved domain can never resolve to
# somebody else's repository.
SOURCE_URL = "https://fastapi-scaffold.invalid/fastapi-scaffold.git"
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
            lines = [line.decode() for line in takewhile(lambda line: line != b"\n", file)]
    except FileNotFoundError:
        return {}
    found = {match[2]: match[1] for match in map(_REF.match, lines) if match}
    return {version: found[version] for version in sorted(found, key=_order)}


def own_version(root: Path | None = None) -> str:
    """Return the version of the tree in this package: a release if it is one, else a development version."""
    tree = tree_of(root or template_root())
    release = f"v{__version__}"
    return release if released().get(release) == tree else f"{release}+{tree[:12]}"


@dataclass(frozen=True)
class Versions:
    """The versions that there are: the released ones, oldest first, each with its tree, and that of this package."""

    released: Mapping[str, str]
    own: str

    def find(self, recorded: str) -> str:
        """Return the version that a project's record names. Raises ScaffoldError if it is not here."""
        known = dict.fromkeys([*self.released, self.own])
        # A development version is known by its tree, also when that was released later.
        same = [version for version, tree in self.released.items() if _is_development(recorded, tree)]
        if recorded in known or same:
            return recorded if recorded in known else same[0]
        # Copier records the commit of a template that has no tags.
        development = "+" in recorded or "-" in recorded or re.fullmatch("[0-9a-f]{7,40}", recorded) is not None
        if not development and _order(recorded) > _order(self.own):
            raise ScaffoldError(
                "newer_than_tool",
                f"{recorded or 'It'} is newer than this program, which knows versions up to {self.own}.",
                f"Update this program, then run `{typed('fastapi-scaffold update')}` again.",
                ExitCode.USAGE,
            )
        raise ScaffoldError(
            "unknown_version",
            f'There is no version "{recorded}"; this program knows {", ".join(known)}.',
            "Development versions are not kept. Write the nearest released version as _commit into"
            " .copier-answers.yml, and commit."
            if development
            else "Choose one of these.",
            ExitCode.USAGE,
        )

    @contextmanager
    def checked_out(self, version: str) -> Generator[Path]:
        """Give a directory with `copier.yml` and `template/` as they were in `version`."""
        if version == self.own:
            yield template_root()
            return
        from fastapi_scaffold.system.git import Git

        with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
            # Nothing of the user's settings may change the files on their way.
            plain = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "advice.detachedHead=false"]
            source = str(bundle().resolve())
            Git(Path(scratch)).out(*plain, "clone", "--quiet", "--template=", "--branch", version, source, "root")
            yield Path(scratch, "root")


def load_versions() -> Versions:
    """Return the versions that there are."""
    return Versions(released(), own_version())


def is_older(version: str, other: str) -> bool:
    """Tell whether `version` comes before `other`."""
    return _order(version) < _order(other)


def tree_of(root: Path) -> str:
    """Return the id that git gives to the tree of `copier.yml` and `template/` in `root`."""
    return _tree({os.fsencode(path): file for path, file in read_template(root).items()})


def read_template(root: Path) -> dict[str, tuple[str, bytes]]:
    """Return the files of the template in `root`, without what tools left behind there."""
    files = {f"template/{path}": file for path, file in read_files(root / "template").items()}
    files = {path: file for path, file in files.items() if not any(map(_LITTER.fullmatch, path.split("/")))}
    return {"copier.yml": read_file(root / "copier.yml"), **files}


def _package() -> Path:
    return Path(__file__).resolve().parent.parent


def _is_development(recorded: str, tree: str) -> bool:
    _, separator, short = recorded.partition("+")
    return bool(separator) and len(short) >= 12 and tree.startswith(short)


def _order(version: str) -> tuple[tuple[int, ...], str]:
    found = _VERSION.match(version)
    return (tuple(map(int, found[1].split("."))), found[2]) if found else ((), version)


def _tree(files: Mapping[bytes, tuple[str, bytes]]) -> str:
    """Return the id of a tree, which is made of the ids of what is in it."""
    entries = []
    directories: dict[bytes, dict[bytes, tuple[str, bytes]]] = {}
    for path, (mode, content) in files.items():
        name, below, rest = path.partition(b"/")
        if below:
            directories.setdefault(name, {})[rest] = mode, content
        else:
            entries.append((name, mode, _object("blob", content)))
    # Git sorts directories as if their names ended with a slash.
    entries += [(name + b"/", "40000", _tree(below)) for name, below in directories.items()]
    lines = (
        f"{mode} ".encode() + name.rstrip(b"/") + b"\0" + bytes.fromhex(oid) for name, mode, oid in sorted(entries)
    )
    return _object("tree", b"".join(lines))


def _object(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
