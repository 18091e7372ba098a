"""Packages of several versions, as wheels unpack them: to generate projects with one and update with another."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi_scaffold.writing.template import released
from tests.console import CHECKOUT
from tools.release import append

Change = Callable[[Path], None]
LITTER = shutil.ignore_patterns("__pycache__", "*.pyc", "_template", "versions.bundle")


def copy_template(target: Path, source: Path = CHECKOUT) -> Path:
    """Copy `copier.yml` and `template/`, to be changed."""
    target.mkdir(parents=True)
    shutil.copy(source / "copier.yml", target)
    shutil.copytree(source / "template", target / "template", ignore=LITTER, symlinks=True)
    return target


def publish(place: Path, roots: Mapping[str, Path], *, template_from: Path | None = None) -> Path:
    """Put a package into `place` that has the versions of `roots`, the last of which is its own.

    Or that has the versions, and the template, of the package directory `template_from`.
    """
    package = place / "fastapi_scaffold"
    shutil.copytree(CHECKOUT / "fastapi_scaffold", package, ignore=LITTER)
    if template_from:
        shutil.copy(template_from / "versions.bundle", package)
        copy_template(package / "_template", template_from / "_template")
        own = list(released(package / "versions.bundle"))[-1].removeprefix("v")
    else:
        for name, root in roots.items():
            append(package / "versions.bundle", f"v{name}", root)
        own = list(roots)[-1]
        copy_template(package / "_template", roots[own])
    (package / "__init__.py").write_text(f'"""A package of a test."""\n\n__version__ = "{own}"\n')
    return place
