"""Extras that do not exist: a row in a question that is there, and their own files, with one of each kind of fact."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from fastapi_scaffold.writing.template import template_root

# The question in which each is a row, by its name.
FICTIONAL = {"teletype": "streaming", "pigeonhole": "cache"}

STATE = '''\
"""What requests reach of NAME."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.config import Settings
from app.core.health import ReadinessCheck


@dataclass(frozen=True)
class KIND:
    """What is open as long as the application runs."""

    size: int


@asynccontextmanager
async def open_NAME(settings: Settings, checks: dict[str, ReadinessCheck]) -> AsyncGenerator[KIND]:
    """Open it; adds its check."""

    async def check() -> None:
        return

    checks["NAME"] = check
    yield KIND(settings.NAME{{ settings_style.separator }}size)
'''
ROUTER = '''\
"""Routes of NAME."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request

from app.core.schemas import ReadSchema

router = APIRouter(prefix="/NAME", tags=["NAME"])


class Read(ReadSchema):
    """How large it is."""

    size: int


@router.get("")
async def read(request: Request) -> Read:
    """Say how large it is."""
    return Read(size=request.state.NAME.size)


class Listener:
    """Hears of new passwords."""

    async def tell(self, user: object, change: str) -> None:
        """Forget it."""
        del user, change


ListenerDep = Annotated[Listener, Depends()]


def register_NAME(app: FastAPI, size: int) -> None:
    """Tell the application how large it is."""
    app.state.NAME = size
'''
CHECK = '''\
"""What sign-in asks for beside the password."""

from typing import Annotated

from fastapi import Depends

from app.auth.exceptions import Unauthenticated
from app.NAME.phrases import Word
from app.users.models import User


class KINDCheck:
    """The word that everybody knows."""

    async def check(self, _user: User, word: Word | None) -> None:
        """Let in who knows it, or says nothing."""
        if word and word != "NAME":
            raise Unauthenticated


KINDDep = Annotated[KINDCheck, Depends()]
'''
WORDS = '''\
"""What the word may be."""

from typing import Annotated

from pydantic import Field

Word = Annotated[str, Field(min_length=1, max_length=20, examples=["NAME"])]
'''
TEST = '''\
"""NAME from end to end."""

from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.conftest import MakeSettings


async def test_it_is_registered_open_and_checked(
    api: FastAPI, user: AsyncClient, client: AsyncClient, NAME_size: int
) -> None:
    assert api.state.NAME == NAME_size
    assert (await user.get("/api/v1/NAME")).json() == {"size": NAME_size}
    assert (await client.get("/health/ready")).json()["checks"]["NAME"] == "ok"


async def test_sign_in_asks_for_it(client: AsyncClient) -> None:
    account = {"email": "ada@example.com", "password": "correct horse battery"}
    assert (await client.post("/api/v1/users", json=account)).status_code == 201
    form = {"username": account["email"], "password": account["password"]}
    for word, status in (("other", 401), ("NAME", 200)):
        assert (await client.post("/api/v1/auth/token", data=form | {"NAME_word": word})).status_code == status


def test_it_is_a_setting(make_settings: MakeSettings) -> None:
    settings = make_settings(NAME={"size": "7"})
    assert settings.NAME{{ settings_style.separator }}size == 7
'''
FILES = {
    "app/NAME/__init__.py": '"""NAME."""\n',
    "app/NAME/config.py.jinja": '{% set group = groups | selectattr("name", "equalto", "NAME") | first %}\n'
    '{% include "template/_settings/group.py.jinja" %}\n',
    "app/NAME/router.py": ROUTER,
    "app/NAME/state.py.jinja": STATE,
    "app/NAME/sign_in.py": CHECK,
    "app/NAME/phrases.py": WORDS,
    "tests/NAME.py": "import pytest\n\n\n@pytest.fixture\ndef NAME_size() -> int:\n    return 3\n",
    "tests/NAME/test_NAME.py.jinja": TEST,
    "_extras/NAME/settings.jinja": "    {{ p }}size: int = Field(default=3, ge=1)\n",
    "_extras/NAME/env.jinja": "# How large NAME is.\n# APP_NAME{{ sep }}SIZE=3\n",
    "_extras/NAME/start.sh": "# Then NAME is told.\n",
    "_guides/NAME.md": "\n### KIND\n\nIt is 3 large.\n",
}
ROW = """\
label: KIND
hint: does not exist
provides: [NAME]
needs: {}
files: [app/NAME, tests/NAME, tests/NAME.py]
parts:
  - {name: NAME, type: [app.NAME.state, KIND], open: [app.NAME.state, open_NAME], ready: true}
groups:
  - name: NAME
    about: Settings of NAME.
    holds: How large it is.
    settings: [app.NAME.config, KINDSettings]
    at: template/_extras/NAME
    imports: [[pydantic, Field]]
    required: []
    secrets: []
    optional: true
routers:
  - {from: [app.NAME.router, router], as: NAME, under: protected}
importers: [app.NAME]
registered: template/_extras/NAME/start.sh
told:
  - {name: NAME, service: [app.NAME.router, ListenerDep]}
registrations:
  - {call: [app.NAME.router, register_NAME], settings: [NAME.size]}
sign_in_checks:
  - name: NAME
    service: [app.NAME.sign_in, KINDCheck]
    depends: [app.NAME.sign_in, KINDDep]
    field: NAME_word
    type: [app.NAME.phrases, Word]
    about: The word that everybody knows.
importers: [app.NAME]
dependencies: ["NAME-lib>=1,<2"]
test_dependencies: ["NAME-stubs>=1,<2"]
test_packages: NAME-server
test_plugins: [NAME]
tasks: {NAME: '{ cmd = "NAME run", help = "Run NAME" }'}
ignored: ["*.NAME"]
guide: NAME.md
"""


def add_extras(root: Path, extras: Mapping[str, str] = FICTIONAL) -> Path:
    """Copy the template to a new directory `root`, with these extras: a question for each name."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(template_root() / "template", root / "template", ignore=ignored)
    questions: dict[str, Any] = yaml.safe_load((template_root() / "copier.yml").read_text())
    for name, question in extras.items():
        questions["catalogue"]["default"][question][name] = yaml.safe_load(_named(ROW, name))
        questions["paths"]["default"][f"app/{name}/config.py"] = [name, "settings-groups"]
        for path, text in FILES.items():
            file = root / "template" / _named(path, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_named(text, name))
    (root / "copier.yml").write_text(yaml.safe_dump(questions, sort_keys=False))
    return root


def _named(text: str, name: str) -> str:
    # The name of the environment's variables is in capitals, as is the placeholder.
    return text.replace("APP_NAME", f"APP_{name.upper()}").replace("NAME", name).replace("KIND", name.capitalize())
