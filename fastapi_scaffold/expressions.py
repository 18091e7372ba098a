"""The Jinja expressions of `copier.yml`, evaluated as Copier does."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def evaluate(expression: str, context: Mapping[str, Any]) -> str:
    """Render `expression` and strip the result. Raises what Jinja raises."""
    return _environment().from_string(expression).render(context).strip()


@lru_cache(maxsize=1)
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        # The filters that Copier has: regex_search, regex_replace, to_json.
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
