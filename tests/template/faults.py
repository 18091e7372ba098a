"""What a rendered file must not be, by its path and its text alone."""

import ast
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DOCKER, KUBERNETES, SYSTEMD, LAMBDA = (
    r"docker|compose\b",
    r"kube|kustom|\bpods?\b",
    "systemd|systemctl|nginx",
    r"\baws|mangum",
)
JWT = r"\bjwt|oauth(?!2-scheme)|refresh.?token|multipart"
ACCOUNTS = r"pwdlib|passwords|password_hash|argon|user_account|AttemptLimit|app[./]users"
SESSION = r"set.cookie|csrf|user_session|foreign.origin"
API_KEY = r"\bapi[_ -]key|app/auth/keys"
OIDC = r"oidc|openid|discovery|jwks|jwt\[crypto"
# Traces that an option leaves in a project that does not have it.
TRACES = {
    ("database", "none"): r"sqlalchemy|alembic|sqlite|postgres|psycopg|mysql|mariadb|migrat|\bdatabase\b|SessionDep",
    ("database", "sqlite"): "postgres|psycopg|mysql|mariadb|TEST_DATABASE|DATABASE_PASSWORD",
    ("database", "postgresql"): r"sqlite|mysql|mariadb",
    ("database", "mysql"): r"sqlite|postgres|psycopg",
    ("auth", "none"): rf"{JWT}|{ACCOUNTS}|{SESSION}|{API_KEY}|{OIDC}|\bsign-in|owner_id",
    ("auth", "jwt"): f"{SESSION}|{API_KEY}|{OIDC}",
    ("auth", "api_key"): f"{JWT}|{ACCOUNTS}|{SESSION}|{OIDC}",
    ("auth", "oidc"): f"refresh.?token|multipart|{ACCOUNTS}|{SESSION}|{API_KEY}|SECRET_KEY",
    ("auth", "session"): f"{JWT}|{API_KEY}|{OIDC}|bearer",
    ("deployment", "docker"): f"{KUBERNETES}|{SYSTEMD}|{LAMBDA}",
    ("deployment", "kubernetes"): rf"compose\b|{SYSTEMD}|{LAMBDA}",
    ("deployment", "systemd"): f"{DOCKER}|{KUBERNETES}|{LAMBDA}",
    ("deployment", "aws_lambda"): f"{DOCKER}|{KUBERNETES}|{SYSTEMD}",
    ("deployment", "none"): f"{DOCKER}|{KUBERNETES}|{SYSTEMD}|{LAMBDA}",
    ("ci", "github"): "gitlab|renovate",
    ("ci", "gitlab"): "github|dependabot",
    ("example", "none"): r"app[./]items|tests[./]items|/items\b|(?-i:\bItem[A-Z])|create_items",
    ("cache", "none"): r"\bredis|valkey|RateLimit-|app[./]cache",
    ("mail", "none"): r"smtp|mailpit|post.office|account_token|app[./]mail|APP_MAIL",
    ("second_factor", "none"): r"second.?factor|totp|authenticator|recovery.?code",
    ("retries", "none"): r"kept.?answer|app[./]retries|APP_RETRIES",
    ("ci", "none"): "github|gitlab|dependabot|renovate",
}


PARSERS: dict[str, Callable[[str], Any]] = {
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".json": json.loads,
}


def parsing(path: str, text: str) -> list[str]:
    """Return why the file cannot be read as what its name says."""
    try:
        PARSERS.get(PurePath(path).suffix, str)(text)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        return [str(error)]
    return []


def tidiness(path: str, text: str) -> list[str]:
    """Return what a formatter would mend, what is left of the template, and what only this machine has."""
    code = PurePath(path).suffix in {".py", ".mako"}
    found = {
        "must end with one newline": not re.search(r"\S\n\Z", text),
        "trailing space": re.search(r"[ \t]\n", text),
        "gap": ("\n\n\n\n" if code else "\n\n\n") in text,
        "a tag of the template is left": re.search(r"(?<!\$)\{\{(?!resolve:)|\{%|%\}", text),
        "a path of this machine": str(ROOT) in text,
    }
    return [fault for fault, there in found.items() if there]


def length(path: str, text: str) -> list[str]:
    """Return the lines that are too long to be read."""
    checked = PurePath(path).suffix in {".md", ".toml", ".yml", ".yaml", ""}
    return [line for line in text.splitlines() if len(line) > 140] if checked else []


def traces(trace: str, path: str, text: str) -> list[str]:
    """Return what is left of a choice that is off."""
    where = PurePath(path)
    # The tests of the practices also forbid what code that is written later must not bring.
    if where.name in {".copier-answers.yml", "inspection.py"} or where.parent.name == "practices":
        return []
    return re.findall(trace, f"{path}\n{text}", re.IGNORECASE)
