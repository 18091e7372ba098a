"""What happens to one file of a project, and the words for it."""

from dataclasses import dataclass

CREATE, UPDATE, REPLACE, MERGE, RENAME, DELETE, KEEP, IDENTICAL, CONFLICT = (
    "create", "update", "replace", "merge", "rename", "delete", "keep", "identical", "conflict",
)  # fmt: skip

# What the action says already.
NEW, UNCHANGED = "new in the template", "you had not changed it"


@dataclass(frozen=True)
class FileAction:
    """What happens to one file, and why where it is not simply created. `source` is the path that it had before."""

    path: str
    action: str
    reason: str = ""
    source: str | None = None

    @property
    def says_all(self) -> bool:
        """Whether the action alone says why."""
        return (self.action, self.reason) in {(CREATE, NEW), (UPDATE, UNCHANGED)}

    def as_json(self) -> dict[str, str]:
        """Return it as the commands print it with --json."""
        told = {"path": self.path, "action": self.action, "reason": self.reason, "from": self.source}
        return {name: value for name, value in told.items() if value}
