"""A generated application with all that it needs: its database, its settings, a caller."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.template.callers import Headers, caller
from tests.template.projects import succeed
from tests.template.servers import database_for
from tests.template.serving import serving, settings_for


@contextmanager
def running(
    project: Path,
    answers: dict[str, str],
    python: Path,
    *,
    directory: Path,
    command: Sequence[str | Path],
    migrate: Sequence[str | Path],
    **variables: str,
) -> Generator[tuple[str, Headers]]:
    """Migrate and start the application in a directory; gives its address and the headers of an administrator.

    `python` is an environment with what the project's tests need.
    """
    with ExitStack() as stack:
        address = stack.enter_context(database_for(project, answers["database"], python))
        settings = settings_for(project, address, **variables)
        if migrate:
            succeed(directory, *migrate, **settings)
        sign_in = stack.enter_context(caller(project, answers["auth"], python, settings))
        url = stack.enter_context(serving(directory, command, settings))
        yield url, sign_in(url)
