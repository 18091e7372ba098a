"""A sign-in lives through what clients do for weeks, and ends when somebody has stolen it."""

import json
import time
from pathlib import Path

import pytest

from tests.template.applications import production
from tests.template.callers import tokens
from tests.template.combinations import APPLICATIONS
from tests.template.projects import render_project, succeed
from tests.template.serving import call, serving

pytestmark = pytest.mark.whole
# Of two tabs each, which ask again for a fifth of the answers.
ROUNDS = 500
TOLERANCE = 10
COUNT = """
import anyio
from sqlalchemy import func, select
from app.auth.models import RefreshToken
from app.config import get_settings
from app.database.engine import engine_from

async def count():
    async with engine_from(get_settings()).connect() as connection:
        print(await connection.scalar(select(func.count()).select_from(RefreshToken)))

anyio.run(count)
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
@pytest.mark.usefixtures("servers")
def test_two_tabs_stay_signed_in_and_a_thief_does_not(database: str, tmp_path: Path, environment: Path) -> None:
    answers = next(one for one in APPLICATIONS if (one["database"], one["auth"]) == (database, "jwt"))
    project = render_project(tmp_path / "my-api", answers)
    python = environment / "python"
    with production(project, answers, environment) as (settings, sign_in):
        succeed(project, environment / "alembic", "upgrade", "head", **settings)
        with serving(project, [python, "-m", "app"], settings) as url:
            sign_in(url)  # which makes the account
            token = tokens(url)["refresh_token"]
            tabs = succeed(project, python, Path(__file__).with_name("tabs.py"), url, token, str(ROUNDS))
            # That of the administrator, and this one, however often it was continued.
            assert succeed(project, python, "-c", COUNT, **settings) == "2\n"
            has = json.loads(tabs)
            time.sleep(TOLERANCE + 1)
            for one in (has["replaced"], has["token"]):
                assert call(url, "POST", "/api/v1/auth/refresh", {"refresh_token": one})[0] == 401
