"""The Jinja expressions of `copier.yml`, evaluated as Copier does."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def evaluate(expression: str, context: Mapping[str, Any], root: Path) -> str:
    """Render `expression` of the `copier.yml` in `root` and strip the result. Raises what Jinja raises."""
    return _environment(root).from_string(expression).render(context).strip()


@lru_cache(maxsize=2)
def _environment(root: Path) -> "SandboxedEnvironment":
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        # Each version of the template has macros of its own.
        loader=FileSystemLoader(root),
        # The filters that Copier has: regex_search, regex_replace, to_json.
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
