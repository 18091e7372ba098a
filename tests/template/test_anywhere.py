"""The tests of a project hold wherever they run: neither shell, files, servers, account, year nor the order matter."""

import os
import re
import shutil
import tempfile
from pathlib import Path
from random import randrange

import pytest

from tests.template.combinations import VALID, Answers, label
from tests.template.projects import PYTHON, new_project, render_project, run_in, succeed

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
    "FORCE_COLOR": "1",
    "LC_ALL": "C",
    "MYSQL_HOST": "nowhere.invalid",
    "MYSQL_PWD": "elsewhere",
    "NO_COLOR": "1",
    "PGHOST": "nowhere.invalid",
    "PGOPTIONS": "-c nothing=1",
    "PGPORT": "1",
    "PGSERVICE": "elsewhere",
    "PGUSER": "elsewhere",
    "PYTHONHASHSEED": "random",
    "PYTHONWARNDEFAULTENCODING": "1",
    "SSL_CERT_FILE": "/nowhere",
    "TZ": "Asia/Kathmandu",
    "UVICORN_PORT": "1",
    "WEB_CONCURRENCY": "elsewhere",
    "http_proxy": "http://127.0.0.1:9",
}
# The same in every process of a run.
SHUFFLE = """
import os
import random

def pytest_collection_modifyitems(items):
    random.Random(os.environ["ORDER"]).shuffle(items)
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
    order = str(randrange(10**6))
    (away / "shuffle.py").write_text(SHUFFLE, encoding="utf-8")
    (project / "tests" / "test_own.py").write_text(OWN, encoding="utf-8")
    set_too = dict.fromkeys([*optional, *re.findall(r"^(\w+)=", written, re.MULTILINE)], "elsewhere")
    command = (environment / "python", "-m", "pytest", "-q", "-n2", "-pshuffle", "--color=no", project)
    done = run_in(away, *command, **SHELL, **set_too, PYTHONPATH=str(away), ORDER=order)
    assert done.returncode == 0, f"ORDER={order}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
    assert re.search(r"^\d+ passed in", done.stdout, re.MULTILINE)


@pytest.mark.whole
@pytest.mark.parametrize("answers", PROJECTS, ids=label)
def test_tests_pass_without_assertions_of_others(answers: Answers, tmp_path: Path, environment: Path) -> None:
    """Under `python -O`, where pytest's own assertions hold and `filterwarnings = error` meets its warning."""
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, environment / "python", "-O", "-m", "pytest", "-q", "-n2")


@pytest.mark.whole
@pytest.mark.parametrize("answers", PROJECTS[:2], ids=label)
def test_tests_pass_in_five_years(answers: Answers, tmp_path: Path, environment: Path) -> None:
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed")
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "faketime", "2031-05-05 10:00:00", environment / "python", "-m", "pytest", "-q")


@pytest.mark.whole
@pytest.mark.parametrize("answers", PROJECTS[:2], ids=label)
def test_tests_pass_for_an_account_without_a_name(answers: Answers, environment: Path) -> None:
    """As in a container that is given a number: all but PostgreSQL, whose own `initdb` wants to know the name.

    The account may read everything, as environments are in root's home.
    """
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("only root can become another account, with setpriv")
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as scratch:
        Path(scratch).chmod(0o1777)
        project = render_project(Path(scratch) / "my-api", answers)
        become = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
        places = [f"TMPDIR={scratch}", f"PYTEST_DEBUG_TEMPROOT={scratch}", "HOME=/nowhere"]
        reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        python = ["env", "-uUSER", "-uLOGNAME", *places, environment / "python", "-B"]
        succeed(project, *become, *reading, *python, "-m", "pytest", "-q", "-n2", "-pno:cacheprovider")
