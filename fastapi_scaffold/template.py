"""Where the template is and which version of it this package carries."""

from pathlib import Path

from fastapi_scaffold import __version__

# Recorded in every generated project. The project has no public home yet, and a reserved domain can never resolve to
# somebody else's repository.
SOURCE_URL = "https://fastapi-scaffold.invalid/fastapi-scaffold.git"


def template_root() -> Path:
    """Return the directory with `copier.yml` and `template/`: inside the wheel, or the checkout around the package."""
    package = Path(__file__).resolve().parent
    bundled = package / "_template"
    return bundled if bundled.is_dir() else package.parent


def template_origin() -> dict[str, str]:
    """Return what the answers file records as the source, so that an update finds the same template again."""
    return {"_src_path": SOURCE_URL, "_commit": f"v{__version__}"}
