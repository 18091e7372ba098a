"""The tests of a project hold wherever they run: neither the developer's shell, files, servers nor the order matter."""

import re
from pathlib import Path

import pytest

from tests.template.combinations import VALID, Answers, label
from tests.template.projects import PYTHON, new_project, run_in

# The first of each kind: what settings have to be there, what they are called, and what is asked over the network.
KINDS = [
    {"database": "sqlite", "auth": "jwt", "settings": "by_domain"},
    {"database": "none", "auth": "api_key", "settings": "by_domain"},
    {"database": "none", "auth": "oidc", "settings": "single"},
    {"database": "postgresql", "auth": "session", "settings": "single"},
]
PROJECTS = [next(answers for answers in VALID if kind.items() <= answers.items()) for kind in KINDS]
SHELL = {
    "ALL_PROXY": "http://127.0.0.1:9",
    "COLUMNS": "20",
    "FASTAPI_ENV": "elsewhere",
    "FORWARDED_ALLOW_IPS": "elsewhere",
    "LC_ALL": "C",
    "NO_COLOR": "1",
    "PGPORT": "1",
    "PGSERVICE": "elsewhere",
    "PYTHONHASHSEED": "random",
    "PYTHONWARNDEFAULTENCODING": "1",
    "SSL_CERT_FILE": "/nowhere",
    "TZ": "Asia/Kathmandu",
    "UVICORN_PORT": "1",
    "WEB_CONCURRENCY": "elsewhere",
    "http_proxy": "http://127.0.0.1:9",
}
BACKWARDS = """
def pytest_collection_modifyitems(items):
    items.reverse()
"""
# As tutorials have it; what is imported so is an application that nobody can start.
OWN = """
from app.main import app


def test_it_is_there() -> None:
    assert app.routes
"""


@pytest.mark.whole
@pytest.mark.parametrize("answers", PROJECTS, ids=label)
def test_tests_pass_anywhere(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = tmp_path / "my-api"
    new_project(project, answers, "--python-version", PYTHON, "--no-verify")
    written = (project / ".env").read_text(encoding="utf-8")
    optional = re.findall(r"^# (\w+)=", written, re.MULTILINE)
    assert {"APP_PORT", "APP_ENVIRONMENT"} <= {*optional}
    away = tmp_path / "away"
    away.mkdir()
    for directory in (project, away):
        settings = "".join(f"{name}=elsewhere\n" for name in optional)
        (directory / ".env").write_text(f"{written}{settings}no setting\n", encoding="utf-8")
    (away / "backwards.py").write_text(BACKWARDS, encoding="utf-8")
    (project / "tests" / "test_own.py").write_text(OWN, encoding="utf-8")
    set_too = dict.fromkeys([*optional, *re.findall(r"^(\w+)=", written, re.MULTILINE)], "elsewhere")
    command = (environment / "python", "-m", "pytest", "-q", "-n2", "-pbackwards", project)
    done = run_in(away, *command, **SHELL, **set_too, PYTHONPATH=str(away))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"^\d+ passed in", done.stdout, re.MULTILINE)
