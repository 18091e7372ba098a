"""An answer is changed in a project that is in use, and everything that the report says is done: then it is proven."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_scaffold.writing.dotenv import write_dotenv
from tests.console import environment
from tests.updating.world import commit, git

BIN = Path(sys.executable).parent
IDENTITY = {f"GIT_{who}_{what}": "x@y.z" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
CHANGES = [
    ({"auth": "none"}, {"auth": "jwt"}, True),
    ({"auth": "jwt"}, {"auth": "session"}, True),
    ({"auth": "jwt"}, {"auth": "oidc"}, True),
    ({"database": "postgresql", "deployment": "docker"}, {"deployment": "kubernetes"}, False),
    ({"ci": "github"}, {"ci": "gitlab"}, False),
]


def run(project: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user's shell does."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-c", command],
        cwd=project,
        env=environment(PATH=path, **IDENTITY),
        capture_output=True,
        text=True,
        check=False,
    )


def options(answers: dict[str, str]) -> str:
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in answers.items())


def edit(project: Path, name: str, old: str, new: str) -> None:
    text = (project / name).read_text()
    assert text.count(old) == 1, name
    (project / name).write_text(text.replace(old, new))


def work(project: Path) -> None:
    """Do what users do: a column with its migration, words in the README, a label on the image."""
    edit(
        project,
        "app/items/models.py",
        "    description:",
        "    colour: Mapped[str | None] = mapped_column(String(30))\n    description:",
    )
    edit(project, "README.md", "An HTTP API built with FastAPI.\n", "The shop of the museum.\n")
    edit(project, "Dockerfile", "USER 10001:10001\n", "LABEL vendor=museum\nUSER 10001:10001\n")
    migration = '''"""add colour."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("item", sa.Column("colour", sa.String(length=30), nullable=True))


def downgrade() -> None:
    op.drop_column("item", "colour")
'''
    (project / "migrations/versions/2026-02-02_0004_add_colour.py").write_text(migration)
    commit(project, "work")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "behind"), CHANGES, ids=lambda it: "-".join(it.values()) if isinstance(it, dict) else None
)
def test_what_the_report_says_leads_to_a_proven_project(
    before: dict[str, str], after: dict[str, str], behind: bool, tmp_path: Path
) -> None:
    new = f"fastapi-scaffold new shop --defaults --project-name Shop --no-verify {options(before)}"
    made = run(tmp_path, new)
    assert made.returncode == 0, made.stderr
    project = tmp_path / "shop"
    work(project)
    updated = run(project, f"fastapi-scaffold update --json {options(after)}")
    report = json.loads(updated.stdout)
    assert (updated.returncode, report["conflicts"]) == (5 if behind else 0, []), updated.stdout
    assert (report["proof"] is None) == behind
    # A new .env, as `.env.example` says; one of the steps tells what there is to do in the old one.
    (project / ".env").unlink()
    write_dotenv(project)
    for step in [step for step in report["next_steps"] if not step.startswith("In .env, ")]:
        done = run(project, step)
        assert done.returncode == 0, f"{step}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    verified = run(project, "fastapi-scaffold verify --quiet")
    assert verified.returncode == 0, verified.stdout
    assert git(project, "status", "--porcelain") in {"", "?? app.db"}
    assert run(project, "fastapi-scaffold update --check").returncode == 0
    assert "colour" in (project / "app/items/models.py").read_text()
    assert "LABEL vendor=museum" in (project / "Dockerfile").read_text()
