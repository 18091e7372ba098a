"""What a generated application needs outside it: a database, settings, and somebody who may call it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.template.callers import SignIn, caller
from tests.template.combinations import Answers
from tests.template.servers import cache_for, database_for
from tests.template.serving import settings_for


@contextmanager
def production(project: Path, answers: Answers, environment: Path) -> Generator[tuple[dict[str, str], SignIn]]:
    """Give the settings that a deployment must be given, with an empty database, and what signs a caller in."""
    python = environment / "python"
    with (
        database_for(project, answers["database"], python) as address,
        cache_for(project, answers.get("cache", "none"), python) as cache,
    ):
        settings = settings_for(project, address, cache)
        with caller(project, answers["auth"], python, settings) as sign_in:
            yield settings, sign_in
