"""The one place that renders: a thin adapter over Copier's public function."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi_scaffold.system.errors import InvalidAnswer, ScaffoldError
from fastapi_scaffold.writing.staging import cannot_write
from fastapi_scaffold.writing.template import own_version, template_origin, template_root


def render(
    answers: Mapping[str, Any], destination: Path, root: Path | None = None, version: str | None = None
) -> dict[str, Any]:
    """Render the template into `destination` and return the answers as Copier resolved them.

    The template is this package's own, or the `version` of it that is in `root`.

    Raises InvalidAnswer if Copier refuses an answer, ScaffoldError if a file cannot be rendered or written.
    """
    # Importing Copier takes a third of a second, which no other command should pay for.
    import copier

    root = root or template_root()
    data = {**answers, "template_origin": template_origin(version or own_version(root))}
    with _failures(), _without_git(), _compiled_once():
        worker = copier.run_copy(
            str(root),
            destination,
            data=data,
            defaults=True,
            quiet=True,
            overwrite=True,
            skip_tasks=True,
            # Without this Copier would read, and stumble over, the user's own settings.
            settings=copier.Settings(),
        )
    return {name: worker.answers.combined[name] for name in answers}


@contextmanager
def _failures() -> Generator[None]:
    """Turn what Copier raises into what this program says."""
    import jinja2
    from copier.errors import CopierError

    try:
        yield
    except jinja2.TemplateError as error:
        where = f" ({error.filename}:{error.lineno})" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise _template_error(f"{error}{where}") from error
    except CopierError as error:
        raise _template_error(str(error)) from error
    except ValueError as error:
        raise InvalidAnswer("invalid_answer", str(error)) from error
    except OSError as error:
        raise cannot_write("The project", error) from error


def _template_error(reason: str) -> ScaffoldError:
    return ScaffoldError(
        "template_error", f"The template cannot be rendered: {reason}", "This is a bug; please report it."
    )


# What Jinja made of each text, with what it depends on beside the text; an update renders most of them twice.
_compiled: dict[tuple[Any, ...], Any] = {}


@contextmanager
def _compiled_once() -> Generator[None]:
    """Let Jinja compile each text once. Copier asks for most of them again for every file."""
    import jinja2

    original = jinja2.Environment.compile

    def compile_once(environment: jinja2.Environment, source: Any, *names: Any, **options: Any) -> Any:
        key = (source, *names, *options.items(), environment.lexer, *environment.extensions)
        if not isinstance(source, str):
            return original(environment, source, *names, **options)
        if key not in _compiled:
            _compiled[key] = original(environment, source, *names, **options)
        else:
            # Where Copier's `yield` forgets what the last path yielded.
            environment.preprocess(source)
        return _compiled[key]

    # Typed Any, because neither type checker lets a method be replaced.
    environment_class: Any = jinja2.Environment
    environment_class.compile = compile_once
    try:
        yield
    finally:
        environment_class.compile = original


@contextmanager
def _without_git() -> Generator[None]:
    """Hide git from Copier.

    With git it runs a process for every file that it writes, and of a checkout it renders the latest tag instead of
    the files that are there.
    """
    from plumbum import local

    with tempfile.TemporaryDirectory(prefix="fastapi-scaffold-") as empty, local.env(PATH=empty):
        yield
