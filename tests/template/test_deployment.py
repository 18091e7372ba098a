"""Each deployment artefact: accepted by the tools of its own world, and started."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.template.combinations import VALID, label
from tests.template.projects import render_project, run_in, succeed
from tests.template.serving import ACCOUNT, call, issuing, serving, settings_for

DOCKER = [answers for answers in VALID if answers["deployment"] == "docker" and answers["ci"] == "none"]
GITHUB = [answers for answers in VALID if answers["ci"] == "github" and answers["settings"] == "single"]


@pytest.mark.parametrize("answers", DOCKER, ids=label)
def test_docker_files_are_valid(answers: dict[str, str], tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "hadolint", "Dockerfile")
    succeed(project, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


@pytest.mark.parametrize("answers", GITHUB, ids=label)
def test_workflows_are_valid_and_safe(answers: dict[str, str], tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "git", "init", "--quiet")
    succeed(project, "actionlint")
    succeed(project, "zizmor", "--offline", "--pedantic", ".github")
    succeed(project, "check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")


def build_image(project: Path, srv: Path) -> tuple[list[str], dict[str, str]]:
    """Do what the Dockerfile says, in a directory: build, then keep what the last stage copies.

    Returns the command and the environment of the image.
    """
    stages = (project / "Dockerfile").read_text().replace("\\\n", "").split("\nFROM ")
    build, final = stages[1], stages[2]
    srv.mkdir()
    for line in build.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and "--from=uv" not in words:
            for name in words[1:-1]:
                copy(project / name, srv / name)
        elif words[:1] == ["RUN"]:
            succeed(srv, *words[words.index("uv") :], UV_NO_DEV="1", UV_PYTHON_DOWNLOADS="never")
    kept = {".venv"}
    for line in final.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            for name in words[1:-1]:
                copy(project / name, srv / name)
                kept.add(name)
    for path in srv.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command = next(line.removeprefix("CMD ") for line in final.splitlines() if line.startswith("CMD "))
    return json.loads(command), {"PATH": f"{srv}/.venv/bin:/usr/bin:/bin"}


def copy(source: Path, target: Path) -> None:
    """Copy a file, or a directory over itself."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.mark.parametrize("answers", DOCKER, ids=label)
def test_the_image_serves_in_production(answers: dict[str, str], tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "uv", "lock", "--quiet")
    command, environment = build_image(project, tmp_path / "srv")
    srv = tmp_path / "srv"
    services = yaml.safe_load((project / "compose.yaml").read_text())["services"]
    settings = settings_for(project) | environment

    if any(answers[question] != "none" for question in ("database", "auth")):
        refused = run_in(srv, *command, **environment)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert "The settings are not complete" in refused.stderr

    if "migrate" in services:
        succeed(srv, *services["migrate"]["command"], **settings)
    with issuing(project, srv / ".venv/bin/python", settings) as token, serving(srv, command, settings) as url:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert call(url, "GET", path)[0] == 404
        assert call(url, "GET", "/health")[0] == 200
        use(url, token, with_accounts=answers["auth"] == "jwt")
    log = (srv / "server.log").read_text()
    assert all(json.loads(line) for line in log.splitlines())
    assert ACCOUNT["password"] not in log
    assert not token or token not in log


def use(url: str, token: str, *, with_accounts: bool) -> None:
    """Register, log in, use the items, refresh, log out; with a token from elsewhere only use the items."""
    pair = {}
    if with_accounts or token:
        assert call(url, "GET", "/api/v1/items")[0] == 401
    if with_accounts:
        assert call(url, "POST", "/api/v1/users", ACCOUNT)[0] == 201
        form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
        status, pair = call(url, "POST", "/api/v1/auth/token", form, form=True)
        assert status == 200
        token = pair["access_token"]
    status, item = call(url, "POST", "/api/v1/items", {"name": "Bicycle", "price": "120.00"}, token=token)
    assert status == 201
    path = f"/api/v1/items/{item['id']}"
    assert call(url, "PATCH", path, {"price": "99.00"}, token=token)[1]["price"] == "99.00"
    assert call(url, "GET", "/api/v1/items", token=token)[1]["total"] == 1
    assert call(url, "DELETE", path, token=token)[0] == 204
    if with_accounts:
        status, fresh = call(url, "POST", "/api/v1/auth/refresh", {"refresh_token": pair["refresh_token"]})
        assert status == 200
        refresh = {"refresh_token": fresh["refresh_token"]}
        assert call(url, "POST", "/api/v1/auth/logout", refresh)[0] == 204
        assert call(url, "POST", "/api/v1/auth/refresh", refresh)[0] == 401
