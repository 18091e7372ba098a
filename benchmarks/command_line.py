"""Help and rendering, against what they cannot be faster than and against Copier's own command."""

import json
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

import yaml
from jinja2 import FileSystemLoader
from jinja2.sandbox import SandboxedEnvironment

from benchmarks.measure import cpu_of, interleaved
from fastapi_scaffold.asking.answers import complete
from fastapi_scaffold.asking.questions import load_questionnaire
from fastapi_scaffold.writing.template import template_root
from tests.template.combinations import chain

BIN = Path(sys.executable).parent
# Renders the same files with Jinja and nothing else: the least that any engine has to do.
JINJA_ALONE = """
import json, re, sys
from pathlib import Path
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
root, target, context = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
env = SandboxedEnvironment(
    loader=FileSystemLoader(root), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    undefined=StrictUndefined, extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
)
# Copier's own tag: a path for each of a list.
EACH = re.compile(r"{% yield (\\w+) from (.+?) %}(.*?){% endyield %}")
# What begins with an underscore is only there to be included.
absent = tuple(f"{path}/" for path in context["absent"]) + ("_",)
for path in sorted((root / "template").rglob("*")):
    name = path.relative_to(root / "template").as_posix()
    if path.is_dir() or f"{name.removesuffix('.jinja')}/".startswith(absent) or name.startswith("{{"):
        continue
    each = EACH.search(name)
    for value in env.compile_expression(each[2])(context) if each else [None]:
        given = context | {each[1]: value} if each else context
        out = target / env.from_string(EACH.sub(r"\\3", name)).render(given).removesuffix(".jinja")
        out.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".jinja"):
            out.write_text(env.get_template(f"template/{name}").render(given))
        else:
            out.write_bytes(path.read_bytes())
"""


def context_of(root: Path) -> dict[str, object]:
    """Return everything that the templates may name, for the default answers."""
    questionnaire = load_questionnaire(root)
    context: dict[str, object] = dict(questionnaire.tables)
    context |= complete(questionnaire, {"project_name": "My API", "python_version": "3.13"})
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(root),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    )
    for name, expression in questionnaire.derived.items():
        context[name] = yaml.safe_load(environment.from_string(expression).render(context)) or []
    return context


def help_page(rounds: int) -> dict[str, float]:
    """Return the CPU of `--help`, of importing Typer, and of Python alone."""
    return interleaved(
        rounds,
        {
            "python -c pass": lambda: cpu_of([sys.executable, "-c", "pass"]),
            "import typer": lambda: cpu_of([sys.executable, "-c", "import typer"]),
            "fastapi-scaffold --help": lambda: cpu_of([BIN / "fastapi-scaffold", "--help"]),
            "fastapi-scaffold new --help": lambda: cpu_of([BIN / "fastapi-scaffold", "new", "--help"]),
        },
    )


def rendering(rounds: int) -> dict[str, float]:
    """Return the CPU of generating without proof, of `copier copy`, and of Jinja alone, on the same template."""
    root, number = template_root(), count()
    with tempfile.TemporaryDirectory() as scratch:
        # Copier is given a plain directory: from a repository it would clone first, and render the last release.
        plain = Path(scratch, "source")
        plain.mkdir()
        shutil.copy(root / "copier.yml", plain)
        shutil.copytree(root / "template", plain / "template", ignore=shutil.ignore_patterns("__pycache__"))
        context = Path(scratch, "context.json")
        context.write_text(json.dumps(context_of(root)), encoding="utf-8")
        flags = ["--defaults", "--no-verify", "--no-git", "--quiet", "--python-version", "3.13"]
        data = ["--defaults", "--quiet", "-d", "project_name=My API"]

        def fresh() -> Path:
            return Path(scratch, f"project-{next(number)}")

        return interleaved(
            rounds,
            {
                "Jinja alone": lambda: cpu_of([sys.executable, "-c", JINJA_ALONE, plain, fresh(), context]),
                "fastapi-scaffold new": lambda: cpu_of([BIN / "fastapi-scaffold", "new", fresh(), *flags]),
                "copier copy": lambda: cpu_of([BIN / "copier", "copy", *data, plain, fresh()]),
            },
        )


def referring(rounds: int) -> dict[str, float]:
    """Return the CPU of generating thirty resources without proof: alone, and each with a reference to the last one."""
    number = count()
    with tempfile.TemporaryDirectory() as scratch:
        flags = ["--defaults", "--no-verify", "--no-git", "--quiet", "--python-version", "3.13", "--resources"]

        def cost(*, linked: bool) -> float:
            project = Path(scratch, f"project-{next(number)}")
            return cpu_of([BIN / "fastapi-scaffold", "new", project, *flags, chain(30, linked=linked)])

        return interleaved(
            rounds,
            {
                "new, 30 resources": lambda: cost(linked=False),
                "new, 30 resources with 29 references in a chain": lambda: cost(linked=True),
            },
        )
