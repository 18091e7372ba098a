"""The project's own `.env`: its example with fresh secrets, readable by its owner only."""

import os
import re
import secrets
from itertools import pairwise
from pathlib import Path

_SET = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_EMPTY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\s*")


def write_dotenv(project: Path) -> bool:
    """Write `.env` from `.env.example` in `project`; return whether there was an example."""
    example = project / ".env.example"
    if not example.is_file():
        return False
    content = with_secrets(example.read_text(encoding="utf-8"))
    descriptor = os.open(project / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
    return True


def variables(text: str) -> dict[str, str]:
    """Return the variables that are set, with their values as they are written."""
    return {match[1]: match[2].strip() for match in map(_SET.match, text.splitlines()) if match}


def mentioned(text: str) -> set[str]:
    """Return the variables that are set, or would be without the mark of a comment before them."""
    return set(variables(re.sub(r"^# (?=[A-Z_]+=)", "", text, flags=re.MULTILINE)))


def with_secrets(example: str) -> str:
    """Fill each empty variable that a comment right above it calls a secret."""
    lines = example.splitlines()
    filled = list(lines)
    for index, (above, line) in enumerate(pairwise(lines), start=1):
        if above.startswith("#") and "secret" in above.lower() and _EMPTY.fullmatch(line):
            filled[index] = f"{line.strip()}{secrets.token_urlsafe(48)}"
    return "\n".join(filled) + "\n"
