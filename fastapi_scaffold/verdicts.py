"""What happens to one file of a project, and the words for it."""

from dataclasses import dataclass

CREATE, UPDATE, REPLACE, MERGE, RENAME, DELETE, KEEP, IDENTICAL, CONFLICT = (
    "create", "update", "replace", "merge", "rename", "delete", "keep", "identical", "conflict",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What happens to one file, and why where it is not simply created. `source` is the path that it had before."""

    path: str
    action: str
    reason: str = ""
    source: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the verdict as the commands print it with --json."""
        told = {"path": self.path, "action": self.action, "reason": self.reason, "from": self.source}
        return {name: value for name, value in told.items() if value}
