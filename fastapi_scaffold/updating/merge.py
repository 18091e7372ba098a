"""The three-way merge: what the template was, what it is now, and what the project has become.

Git does it, on trees, in a repository of its own in a temporary directory that borrows the project's objects. So
nothing is written to the project, and everything about the result is known before anything is applied.
"""

import os
from collections.abc import Container, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from fastapi_scaffold.system.files import Files
from fastapi_scaffold.system.git import Git, GitFailed, git_version
from fastapi_scaffold.updating.repository import THEIRS, Repository

YOURS = "yours"
MERGE_TREE_SINCE = (2, 38)
# Renames are followed whatever the user's settings are: edits must arrive in the new file.
_RENAMES = ["-c", "merge.renames=true", "-c", "merge.directoryRenames=true", "-c", "merge.renameLimit=10000"]
# Rules are lines that stand for themselves: a project that has some gets the template's beside them.
_ATTRIBUTES = b".gitattributes merge=union\n"
_FILES_ONLY = [*_RENAMES, "-c", "merge.directoryRenames=false"]


@dataclass(frozen=True)
class Entry:
    """A file as git keeps it in a tree."""

    mode: str
    oid: str


Tree = dict[str, Entry]
Stages = dict[str, dict[int, Entry]]


@dataclass(frozen=True)
class Merge:
    """The four trees, by path of the repository, and what git could not decide.

    `stages` has for each conflict the versions as git's index numbers them: 1 is the old template, 2 the project's, 3
    the new template. `result` then holds what the work tree is to show. `renamed` says of new paths in `result` which
    of the project's files they were, and `moved` of the user's paths which of the old template's files they were.
    """

    base: Tree
    yours: Tree
    theirs: Tree
    result: Tree
    stages: Stages
    renamed: Mapping[str, str]
    moved: Mapping[str, str]

    @property
    def changed(self) -> list[str]:
        """The paths of the project that do not stay as they are."""
        paths = self.yours.keys() | self.result.keys()
        return sorted(path for path in paths if self.yours.get(path) != self.result.get(path))


@dataclass
class _Met:
    """What came of the template's side and the project's."""

    result: Tree
    theirs: Tree
    stages: Stages


class Merger:
    """The temporary repository in which a merge is made, and which has its objects until it is applied."""

    def __init__(self, repository: Repository, scratch: Path) -> None:
        self.repository = repository
        self._scratch = scratch
        self._trees: dict[str, Tree] = {}
        self._directory = scratch / "merge.git"
        # The work tree is the project's, so that its .gitattributes hold: a user's own merge driver, for instance.
        self.git = Git(repository.root, GIT_DIR=str(self._directory), GIT_WORK_TREE=str(repository.root))
        kind = [] if repository.object_format == "sha1" else [f"--object-format={repository.object_format}"]
        Git(scratch).out("init", "--quiet", "--bare", "--template=", *kind, str(self._directory))
        Git(scratch, GIT_DIR=str(self._directory)).out("config", "core.bare", "false")
        (self._directory / "info").mkdir(exist_ok=True)
        (self._directory / "info" / "attributes").write_bytes(_ATTRIBUTES)
        info = self._directory / "objects" / "info"
        info.mkdir(exist_ok=True)
        (info / "alternates").write_bytes(_quote(os.fsencode(repository.objects.resolve())) + b"\n")

    def merge(
        self,
        old: Files,
        new: Files,
        version: str,
        *,
        brought: Container[str] = (),
        aside: Iterable[str] = (),
        instead: Files | None = None,
    ) -> Merge:
        """Merge the way from `old` to `new` into the project, without those of its files that are put `aside`.

        What is `brought` is no rename of anything, so is merged by itself. Files are seen as they are in `instead`.
        """
        theirs = f"{THEIRS}-{version.removeprefix('v')}"
        untouched = {self.repository.prefix + path: self.committed[path] for path in aside}
        gone = old.keys() - new.keys()
        more = _beside(old, {path: file for path, file in new.items() if gone and path in brought})
        rest = {path: file for path, file in new.items() if path not in more}
        self._import({"base": old, theirs: rest, f"{theirs}-new": {**old, **more}}, untouched, instead or {})
        tree, met = self._met(theirs, untouched, twice=bool(more))
        return Merge(
            base=self.tree("base"),
            yours={self.repository.prefix + path: entry for path, entry in self.committed.items()},
            theirs=met.theirs,
            result=met.result,
            stages=met.stages,
            renamed=self._renames(YOURS, tree),
            moved=self._renames("base", YOURS),
        )

    def _met(self, theirs: str, untouched: Tree, *, twice: bool) -> tuple[str, _Met]:
        """Merge `theirs`, and `twice` also what is new by itself; returns the tree of the first, and all together."""
        merge = self._merge_tree if git_version() >= MERGE_TREE_SINCE else self._merge_recursive
        tree, stages = merge(theirs)
        met = _Met(self.tree(tree) | untouched, dict(self.tree(theirs)), stages)
        if twice:
            more, more_stages = merge(f"{theirs}-new")
            seen, now, known = self.tree(YOURS), self.tree(more), self.tree("base")
            met.result = {path: entry for path, entry in met.result.items() if path not in seen or path in now}
            met.result |= {path: entry for path, entry in now.items() if seen.get(path) != entry}
            met.stages |= more_stages
            met.theirs |= {path: entry for path, entry in self.tree(f"{theirs}-new").items() if path not in known}
        return tree, met

    def tree(self, name: str) -> Tree:
        """Return the files of a tree or commit."""
        if name not in self._trees:
            lines = os.fsdecode(self.git.out("ls-tree", "-r", "-z", "--full-tree", name)).split("\0")
            parts = (line.partition("\t") for line in lines if line)
            self._trees[name] = {path: Entry(info.split()[0], info.split()[2]) for info, _, path in parts}
        return self._trees[name]

    @property
    def committed(self) -> Tree:
        """The files of the project in the last commit, by path of the project."""
        return self.tree(self.repository.tree)

    def file(self, entry: Entry) -> tuple[str, bytes]:
        """Return the mode and content of a file."""
        return entry.mode, self.git.out("cat-file", "blob", entry.oid)

    def diff(self, before: Iterable[tuple[str, Entry]], after: Iterable[tuple[str, Entry]]) -> bytes:
        """Return the difference between two trees as a patch."""
        trees = [self._write_tree(name, entries) for name, entries in (("before", before), ("after", after))]
        return self.git.out("diff-tree", "-r", "-p", "-M", "--no-color", "--no-ext-diff", *trees)

    def _write_tree(self, name: str, entries: Iterable[tuple[str, Entry]]) -> str:
        git = self._with_index(name)
        git.out("update-index", "-z", "--index-info", stdin=index_info((path, 0, entry) for path, entry in entries))
        return git.line("write-tree", "--missing-ok")

    def _with_index(self, name: str, work_tree: Path | None = None, **environment: str) -> Git:
        place = work_tree or self.repository.root
        return Git(
            place,
            **environment,
            GIT_DIR=str(self._directory),
            GIT_WORK_TREE=str(place),
            GIT_INDEX_FILE=str(self._scratch / f"{name}.index"),
        )

    def _import(self, renders: Mapping[str, Files], untouched: Iterable[str], instead: Files) -> None:
        """Write the renders and the project's last commit, of which the merge is not to see all as it is, in one go.

        All are commits after the first render.
        """
        prefix = self.repository.prefix
        hidden = [b"D " + _quote(os.fsencode(path)) + b"\n" for path in untouched]
        commits: dict[str, Iterable[bytes]] = {name: modifications(files, prefix) for name, files in renders.items()}
        project = _modify("040000", self.repository.tree, prefix.rstrip("/"))
        commits[YOURS] = chain([project, *hidden], modifications(instead, prefix))
        stream = b"".join(
            part for mark, (name, what) in enumerate(commits.items(), start=1) for part in _commit(name, mark, what)
        )
        self.git.out("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)

    def _merge_tree(self, theirs: str) -> tuple[str, Stages]:
        arguments = [*_RENAMES, "merge-tree", "--write-tree", "-z", "--no-messages", YOURS, theirs]
        done = self.git.run(*arguments)
        if done.returncode not in {0, 1}:
            raise GitFailed(arguments, os.fsdecode(done.stderr))
        tree, *lines = os.fsdecode(done.stdout).split("\0")
        return tree, _stages(lines)

    def _merge_recursive(self, theirs: str) -> tuple[str, Stages]:
        """Do the same with what older versions of git have, in a work tree of its own."""
        place = self._scratch / "work"
        place.mkdir(exist_ok=True)
        # The rules of the repository around the project hold, except that contents are compared as git keeps them:
        # nothing is converted on the way out and in.
        around = self.repository.root / ".gitattributes"
        rules = around.read_bytes() if self.repository.prefix and around.is_file() else b""
        attributes = self._directory / "info" / "attributes"
        attributes.write_bytes(rules + b"\n* -text -eol -filter -ident -working-tree-encoding\n" + _ATTRIBUTES)
        commits = {name: self.git.line("rev-parse", name) for name in ("base", YOURS, theirs)}
        labels = {f"GITHEAD_{commit}": name for name, commit in commits.items()}
        git = self._with_index("recursive", place, **labels)
        # They give up where a directory that moved would meet a file; then only files are followed.
        for renames in (_RENAMES, _FILES_ONLY):
            git.out("read-tree", "--reset", "-u", YOURS)
            git.out("clean", "-d", "-x", "--force", "--quiet")
            arguments = [*renames, "merge-recursive", commits["base"], "--", commits[YOURS], commits[theirs]]
            done = git.run(*arguments)
            if done.returncode in {0, 1}:
                break
        else:
            raise GitFailed(arguments, os.fsdecode(done.stderr))
        stages = _stages(os.fsdecode(git.out("ls-files", "--unmerged", "-z", "--full-name")).split("\0"))
        git.out("add", "--all", "--force", ".")
        attributes.write_bytes(_ATTRIBUTES)
        return git.line("write-tree"), stages

    def _renames(self, before: str, after: str) -> dict[str, str]:
        arguments = ["-c", "diff.renameLimit=10000", "diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status"]
        words = os.fsdecode(self.git.out(*arguments, before, after)).split("\0")
        return {words[position + 2]: words[position + 1] for position in range(0, len(words) - 2, 3)}


def _beside(old: Files, more: Files) -> Files:
    """Return of `more` what can be there together with `old`: not a file where the other has a directory."""
    directories = {str(parent) for path in old for parent in PurePosixPath(path).parents}
    return {
        path: file
        for path, file in more.items()
        if path not in directories and not any(str(parent) in old for parent in PurePosixPath(path).parents)
    }


@contextmanager
def open_merger(repository: Repository) -> Generator[Merger]:
    """Give what merges into `repository`, and remove it afterwards."""
    with TemporaryDirectory(prefix="fastapi-scaffold-") as scratch:
        yield Merger(repository, Path(scratch))


def index_info(entries: Iterable[tuple[str, int, Entry | None]], nothing: str = "") -> bytes:
    """Return lines for `git update-index -z --index-info`: a path, a stage, and what is there.

    Or that nothing is; then `nothing` is an id of zeros, as long as the repository's ids are.
    """
    return b"".join(
        os.fsencode(f"{entry.mode} {entry.oid} {number}\t{path}\0" if entry else f"0 {nothing}\t{path}\0")
        for path, number, entry in entries
    )


def _stages(lines: Iterable[str]) -> Stages:
    """Read the lines `mode id stage TAB path`, up to an empty one."""
    stages: Stages = {}
    for line in lines:
        if not line:
            break
        info, _, path = line.partition("\t")
        mode, oid, number = info.split()
        stages.setdefault(path, {})[int(number)] = Entry(mode, oid)
    return stages


def _commit(branch: str, mark: int, modifications: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a commit for `git fast-import`; all but the first come after the first."""
    yield f"commit refs/heads/{branch}\nmark :{mark}\ncommitter x <x> 0 +0000\ndata 0\n".encode()
    yield b"" if mark == 1 else b"from :1\ndeleteall\n"
    yield from modifications
    yield b"\n"


def modifications(files: Files, prefix: str) -> Iterator[bytes]:
    """Yield for `git fast-import` that `files` are below `prefix`."""
    for path, (mode, content) in sorted(files.items()):
        yield _modify(mode, "inline", prefix + path)
        yield b"data %d\n%b\n" % (len(content), content)


def _modify(mode: str, what: str, path: str) -> bytes:
    return f"M {mode} {what} ".encode() + _quote(os.fsencode(path)) + b"\n"


def _quote(path: bytes) -> bytes:
    """Quote a path as git does, so that any byte may be in it."""
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'
