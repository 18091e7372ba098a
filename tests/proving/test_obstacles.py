"""What uv and the system say, and what it means: the machine, or the project."""

from pathlib import Path

import pytest

from fastapi_scaffold.proving.obstacles import machine_settings, outside, unavailable

DNS = """\
error: Failed to fetch: https://pypi.org/simple/alembic/
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known
"""
CERTIFICATE = """\
error: Failed to fetch: https://user:secret@pypi.example/simple/aiosqlite/
  cause: client error (Connect)
  cause: invalid peer certificate: UnknownIssuer

hint: Consider enabling use of system TLS certificates with the `--system-certs` command-line flag
"""
STALLED = """\
error: Request failed after 1 retry in 4.0s
  cause: Failed to fetch: http://127.0.0.1:9055/simple/pydantic/
  cause: operation timed out
"""
OLDER = """\
error: Failed to fetch: `https://pypi.org/simple/ruff/`
  Caused by: tcp connect error: Connection refused (os error 111)
"""
UNCACHED = "  cause: Because alembic was not found in the cache and your project depends on alembic, it cannot be.\n"
COOLDOWN = """\
error: No solution found when resolving dependencies
  cause: Because alembic>1.18.5 was published after the exclude newer time, your requirements are unsatisfiable.
"""


@pytest.mark.parametrize(
    ("online", "offline", "expected"),
    [
        (DNS, UNCACHED, ["uv cannot reach pypi.org, and its cache lacks alembic.", "Name or service not known"]),
        (
            CERTIFICATE,
            "",
            ["uv cannot reach pypi.example, and", "UnknownIssuer", "Consider enabling use of system TLS"],
        ),
        (STALLED, "", ["uv cannot reach 127.0.0.1:9055, and its cache lacks pydantic.", "operation timed out"]),
        (OLDER, "", ["uv cannot reach pypi.org, and its cache lacks ruff.", "Connection refused"]),
        ("", f"{UNCACHED}hint: the network was disabled", ["uv has no network, and its cache lacks alembic."]),
        (COOLDOWN, COOLDOWN, ["leave out what was published lately", "alembic>1.18.5"]),
        ("error: No interpreter found for Python 3.99 in managed installations", "", ["There is no Python 3.99"]),
    ],
    ids=["dns", "certificate", "stalled", "older uv", "offline", "cooldown", "python"],
)
def test_what_the_machine_lacks_is_said_with_the_cause(online: str, offline: str, expected: list[str]) -> None:
    said = unavailable(online, offline)
    assert [words for words in expected if words not in said] == []
    assert "secret" not in said


@pytest.mark.parametrize(
    "output",
    [
        "error: Failed to initialize cache at `/nope`\n  cause: failed to create directory `/nope` (os error 2)",
        "error: Failed to spawn: `pytest`\n  cause: Permission denied (os error 13)",
        "  cause: failed to write to file `/x/y`: No space left on device (os error 28)",
        "OSError: [Errno 28] No space left on device",
        "error: failed to open file `/x`: Read-only file system (os error 30)",
    ],
)
def test_what_the_system_refuses_is_no_fault_of_the_project(output: str) -> None:
    assert outside(output).startswith("This machine is in the way: ")


@pytest.mark.parametrize(
    "output",
    [
        "error: Failed to parse `pyproject.toml`",
        "E   PermissionError: [Errno 13] Permission denied: 'x'",
        "error: Failed to build `x`\n  cause: No such file or directory (os error 2)",
        "1 failed",
    ],
)
def test_what_the_project_does_wrong_is_its_fault(output: str) -> None:
    assert unavailable(output, output) == outside(output) == ""


LOCK = """\
{options}
[[package]]
name = "x"
source = {{ registry = "{index}" }}
"""
TOLD_INDEX = '[[tool.uv.index]]\nurl = "https://mirror.example/simple"\n'


@pytest.mark.parametrize(
    ("options", "index", "configured", "words"),
    [
        ("", "https://pypi.org/simple", "", []),
        ("", "https://pypi.org/simple/", "", []),
        ("", "https://mirror.example/simple", "", ["from https://mirror.example/simple"]),
        ("", "https://mirror.example/simple", TOLD_INDEX, []),
        ('[options]\nexclude-newer = "2026-01-01T00:00:00Z"\n', "https://pypi.org/simple", "", ["(exclude-newer)"]),
        (
            '[options]\nexclude-newer = "2026-01-01T00:00:00Z"\n',
            "https://pypi.org/simple",
            '[tool.uv]\nexclude-newer = "7 days"\n',
            [],
        ),
    ],
)
def test_settings_of_this_machine_in_the_lock_file_are_told(
    options: str, index: str, configured: str, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "uv.lock").write_text(LOCK.format(options=options, index=index))
    (tmp_path / "pyproject.toml").write_text(configured)
    notes = machine_settings(tmp_path)
    assert len(notes) == len(words)
    assert all(word in note for word, note in zip(words, notes, strict=True))


def test_without_a_lock_file_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert machine_settings(tmp_path) == ()
