"""Practices that the linter or the source as a whole can show."""

import ast
import re
import subprocess
import sys

import pytest

from tests.inspection import ROOT, calls, dotted, meaning, nodes, practices, text_of

practice = pytest.mark.practice
WEB = r"^ *(from|import) (fastapi|starlette)\b"
DRIVERS = r"^ *(from|import) (MySQLdb|boto3|httpx|psycopg2|pymysql|requests|sqlite3|urllib.request|urllib3)\b"
COMMANDS = "(alembic|fastapi|lint-imports|poe|pytest|python|ruff|ty|uvicorn) "
# Where text is code: a project may well be described as "pytest for beginners".
CODE = r"(`|```\w+\n([^`]*\n)?)"
# What opens something that has to be closed; a resource may be called Client, too.
OPENING = re.compile(r"^\.open$|^(?!app\.).*\.(sessionmaker|readers|Session|Client|(engine|sqlite3|psycopg)\.connect)$")
# The practice, the files, and what none of them may say; the first line of each is its path.
ABSENT = [
    ("async-io-endpoints", "app/**/*.py", DRIVERS),
    ("async-io-endpoints", "app/**/*.py", r"\A(?![\s\S]*to_thread\.run_sync\()[\s\S]*^ *(from|import) smtplib\b"),
    ("builtin-types-first", "app/**/*.py", r"[\"']@[\"'] (not )?in\b"),
    ("ci-validates-all", ".github/workflows/ci.yml", r"\A(?![\s\S]*poe check)"),
    ("ci-validates-all", ".gitlab-ci.yml", r"\A(?![\s\S]*poe check)"),
    ("cross-field-validation", "app/**/*.py", r"^ *from pydantic\S* import .*ValidationInfo\b"),
    ("domain-packages", "app/**/*.py", r"\Aapp/(\w+)/[\s\S]*^ *from app\.(?!\1\.)\w+(\.| import )repository\b"),
    ("env-file-untracked", ".*ignore", r"\A(?![\s\S]*^(\.env|\*)$)"),
    ("layers-one-direction", "app/**/repository.py", WEB),
    ("layers-one-direction", "app/**/router.py", r"^ *from (sqlalchemy|app\.database|\S+\.repository)\b"),
    ("locked-dependencies", "*file", r"uv sync(?!.* --locked)"),
    ("locked-dependencies", ".*/*/*.yml", r"uv sync(?!.* --locked)"),
    ("locked-dependencies", ".*.yml", r"uv sync(?!.* --locked)"),
    ("locked-dependencies", ".gitignore", r"^uv\.lock$"),
    ("locked-dependencies", "pyproject.toml", r"\A(?![\s\S]*\"uv lock --check\"[\s\S]*sequence = \[\"lock\",)"),
    ("logs-to-stdout", "app/**/*.py", r"logging(\.handlers)?(\.| import .*\b)\w*FileHandler|\.log[\"']"),
    ("money-is-decimal", "app/**/*.py", r"^ +(\w+_)?(price|amount|cost|fee|balance)s?: .*\bfloat\b"),
    ("no-ellipsis-required", "app/**/*.py", r"\w\(\s*\.\.\.[,)]|: .+ = \.\.\.$"),
    ("prod-debug-off", "*file", "--reload"),
    ("proxy-headers", "app/__main__.py", r"proxy_headers=|forwarded_allow_ips="),
    ("pure-asgi-middleware", "app/**/*.py", r"BaseHTTPMiddleware|\bapp\.middleware\("),
    ("response-serialization-fast", "app/**/*.py", r"\b\w*JSONResponse\b"),
    ("response-serialization-fast", "app/**/router.py", r"return (\{|dict\()"),
    ("routers-per-domain", "app/**/*.py", r"include_router\([^)]*="),
    ("routers-per-domain", "app/**/router.py", r"APIRouter\((?!(?=[^)]*prefix=)[^)]*tags=)"),
    ("run-through-uv", "*.md", CODE + COMMANDS),
    ("run-through-uv", ".github/**/*.yml", f"(^|run: ){COMMANDS}"),
    ("schema-vs-model-naming", "app/*/models.py", r"^ *(from|import) pydantic\b"),
    ("schema-vs-model-naming", "app/*/schemas.py", r"__tablename__|^ *(from|import) sqlalchemy\b"),
    ("server-fast-path", "app/__main__.py", r"\b(loop|reload)="),
    ("server-fast-path", "pyproject.toml", r"\"uvicorn(?!\[standard\])"),
    ("service-layer", "app/**/router.py", r"^ +raise "),
    ("service-layer", "app/**/service.py", WEB),
    ("settings-from-env", "app/**/*.py", r"\bos\.(environ|getenv)|^ *from os import .*env"),
    ("status-codes-explicit", "app/**/*.py", r"^@\w+\.\w+\((\([^)]*\)|[^()])*\bstatus_code=\d"),
    ("test-anyio-plugin", "pyproject.toml", r"^(?!description =).*(pytest-asyncio|asyncio_mode)"),
    ("test-async-client", "tests/**/*.py", r"^ *(from|import) (fastapi|starlette)\.testclient\b"),
    ("test-dependency-overrides", "tests/**/*.py", r"(setattr|patch)\([\"']app\.\S*\.get_(?!settings)\w+[\"']"),
    ("test-fixtures-conftest", "tests/*/**/*.py", r"^@pytest\.fixture.*\n.*def (admin|app|client|settings|user)\("),
    ("test-integration-first", "tests/**/*.py", r"^ *from unittest.mock import .*Mock"),
    ("tests-outside-package", "app/**/*.py", r"\A.*/(conftest|(test_\w*|\w+_test)\.py\n[\s\S]*def test)[^/]*$"),
    ("tests-outside-package", "app/**/*.py", r"^ *(from|import) (pytest|tests|unittest)\b"),
    ("tools-pinned", "*.md", rf"{CODE}(uvx|uv tool|pipx)\b"),
    ("tools-pinned", "pyproject.toml", r"^(?!description =).*\b(uvx|uv tool|pipx)\b"),
    ("type-hints-complete", "app/**/*.py", r"def \w+\(([^()]|\([^()]*\))*\):"),
    ("uv-managed-project", "requirements*.txt", ""),
    ("validator-messages-clean", "app/**/*.py", r"ValueError\(f|message = f.*\n +raise ValueError"),
    ("worker-count", "app/__main__.py", r"\bworkers="),
]
# The practice, and what the configuration says.
CONFIGURED = [
    ("await-everything", r'^filterwarnings = \["error"'),
    ("ci-validates-all", r'^check = .*"lock".*"lint".*"format".*"types".*"layers".*"test"'),
    ("layers-one-direction", r'^layers = .*"lint-imports"[\s\S]*^check = .*"layers"'),
    ("no-on-event", r'^filterwarnings = .*"error"'),
    ("ruff-lint-format", r'^lint = .*"ruff check [\s\S]*^check = .*"lint"'),
    ("ruff-lint-format", r'^format = .*"ruff format --check"[\s\S]*^check = .*"format"'),
    ("ruff-lint-format", r"^select = \["),
    ("run-through-uv", r'^dev = .*"fastapi dev"'),
    ("test-anyio-plugin", r'^anyio_mode = "auto"$'),
    ("test-coverage-gate", r'^test = .*"pytest --cov"[\s\S]*^check = .*"test"'),
    ("test-coverage-gate", r"^branch = true$[\s\S]*^fail_under = (9[5-9]|100)$"),
    ("test-strict-pytest", r"^strict = true$"),
    ("test-strict-pytest", r'--import-mode=importlib.*$[\s\S]*^filterwarnings = \["error'),
    ("tests-outside-package", r'^module-name = "app"$'),
    ("tools-pinned", r'^dev = \[\n[^\]]*"pytest>=[^\]]*"ruff>=[^\]]*"ty>='),
    ("type-check-strict", r'^types = .*"ty check"[\s\S]*^check = .*"types"'),
    ("type-check-strict", r"^error-on-warning = true$"),
    ("uv-managed-project", r'^lock = .*"uv lock --check"[\s\S]*^check = .*"lock"'),
]


@pytest.fixture(scope="session")
def lint_rules() -> str:
    """Return the rules that are on for the application."""
    command = [sys.executable, "-m", "ruff", "check", "--show-settings", "app/main.py"]
    settings = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    return settings.split("linter.rules.enabled = [")[1].split("]")[0]


@practices(
    "codes",
    ("async-no-blocking-calls", "ASYNC210 ASYNC212 ASYNC220 ASYNC221"),
    ("async-no-blocking-calls", "ASYNC222 ASYNC230 ASYNC240 ASYNC251 TID251"),
    ("no-dangling-tasks", "RUF006"),
    ("packages-with-init", "INP001"),
    ("docstrings", "D103"),
    ("type-check-strict", "ANN001 ANN201 PGH003"),
    ("annotated-dependencies", "FAST002 B008"),
    ("response-schema-declared", "FAST001"),
    ("utc-datetime-serialization", "DTZ001 DTZ003 DTZ005"),
    ("type-hints-complete", "ANN001 ANN201 UP006 UP007"),
    ("no-print", "T201"),
    ("lazy-log-arguments", "G001 G002 G003 G004"),
    ("no-hardcoded-secrets", "S105 S106 S107"),
)
def test_lint_rule_is_on(lint_rules: str, codes: str) -> None:
    assert [code for code in codes.split() if f"({code})" not in lint_rules] == []


@practices(
    "names",
    ("no-on-event", "on_event add_event_handler"),
    ("validators-v2", "pydantic.validator pydantic.root_validator class_validators.validator"),
    ("pydantic-v2-api", "parse_obj parse_raw from_orm update_forward_refs"),
    ("domain-exceptions", "HTTPException"),
    ("loop-from-running-loop", "asyncio.get_event_loop"),
    ("offload-sync-sdk", "run_in_executor asyncio.to_thread ThreadPoolExecutor"),
    ("concurrent-io-structured", "asyncio.gather asyncio.wait asyncio.as_completed"),
    ("no-dangling-tasks", "asyncio.create_task loop.create_task asyncio.ensure_future"),
)
def test_nothing_calls(names: str) -> None:
    assert calls(*names.split()) == []


@practices("pattern, expression", *ABSENT)
def test_no_file_says(pattern: str, expression: str) -> None:
    names = [path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)]
    assert [name for name in names if re.search(expression, f"{name}\n{text_of(name)}", re.MULTILINE)] == []


@practice("domain-packages")
@pytest.mark.parametrize("layer", ["crud", "models", "repositories", "routers", "schemas", "services"])
def test_packages_are_domains_and_not_layers(layer: str) -> None:
    files = [*ROOT.glob(f"app/{layer}/*.py")]
    assert files == [] or ROOT / f"app/{layer}/router.py" in files


@practice("yield-cleanup")
def test_what_is_opened_is_closed() -> None:
    closed = [item.context_expr for _, item in nodes(ast.withitem)]
    closed += [part for _, call in nodes(ast.Call) if dotted(call).endswith("_context") for part in call.args]
    left = [(file, call) for file, call in nodes(ast.Call) if call not in closed]
    assert [f"{file}:{call.lineno}" for file, call in left if OPENING.search(meaning(file, call))] == []


@practices("expression", *CONFIGURED)
def test_the_configuration_says(expression: str) -> None:
    assert re.search(expression, text_of("pyproject.toml"), re.MULTILINE)
