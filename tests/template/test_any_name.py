"""Practices judge what code does: no name that a user may choose makes one of them fail."""

from pathlib import Path

import pytest

from tests.template.combinations import VALID, Answers, label
from tests.template.projects import render_project, succeed

# Each is also the name of something that a practice looks for: a class, a call, a layer, a file, a kind of value.
RESOURCES = """
base_model debug:bool; client name:str email:email:optional site_url:url:optional; conftest items:int unknown:str;
engine name:str; file_handler status_code:int; cart items:json; info data:json; item_service name:str;
model price_note:str; pool fee_type:enum:paid,free feedback:str; pydantic name:str; reader work_email:email:optional;
repository name:str; schema use_enum_values:bool; site_config seat:int; test_run name:str; thread_pool_executor name:str
"""
DESCRIPTION = "pytest with pipx, uvx and no pytest-asyncio."
ANSWERS = [
    next(answers for answers in VALID if (answers["database"], answers["auth"]) == kind)
    for kind in (("sqlite", "jwt"), ("none", "oidc"))
]


@pytest.mark.whole
@pytest.mark.parametrize("answers", ANSWERS, ids=label)
def test_any_name_passes(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(
        tmp_path / "my-api", answers, resources=" ".join(RESOURCES.split()), description=DESCRIPTION
    )
    succeed(project, environment / "python", "-m", "pytest", "-q", "tests/practices")
