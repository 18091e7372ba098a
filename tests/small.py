"""The smallest of everything: a template, a pretended uv, a conftest, a practice."""

from fastapi_scaffold.proving.practices import Practice

TEMPLATE = {
    "{{ _copier_conf.answers_file }}.jinja": "{{ dict(_copier_answers, **template_origin) | to_nice_yaml -}}\n",
    ".gitignore": ".env\n.venv\n",
    ".env.example": "# The key that signs; secret: keep it\nAPP_SECRET_KEY=\n\n# A name\nAPP_NAME=\n",
    "README.md.jinja": "# {{ project_name }}\n",
    "pyproject.toml": """\
[project]
name = "tiny"
version = "1"

[tool.poe.tasks]
lint = "lint"
test = { cmd = "pytest", help = "Run all tests" }
check = { sequence = ["lint", "test"] }
""",
}

# Answers like uv: `sync` and `lint` as the variables say, anything else for real.
UV = """\
#!/bin/sh
case "$1" in
  --version) echo "uv ${FAKE_UV_VERSION:-0.13.0}"; exit 0;;
  sync) echo "sync $*" >> "$FAKE_UV_LOG"; touch uv.lock; eval "$FAKE_UV_SYNC"; exit $?;;
esac
shift 2
echo "run $*" >> "$FAKE_UV_LOG"
case "$1" in
  lint) eval "$FAKE_UV_LINT"; exit $?;;
  *) exec "$@";;
esac
"""

CONFTEST = """\
import pytest

def pytest_configure(config):
    config.addinivalue_line("markers", "practice(id): what is proven")

def pytest_collection_modifyitems(items):
    for item in items:
        for mark in item.iter_markers("practice"):
            item.user_properties.append(("practice", mark.args[0]))
"""


def practice(name: str, *requires: str, proof: str = "test") -> Practice:
    return Practice(
        id=name,
        title=f"Do {name}",
        group="Group",
        level="must",
        why=f"Why {name}.",
        form=f"Form of {name}.",
        sources=("https://example.org",),
        requires=frozenset(requires),
        proof=proof,
    )
