"""Each deployment artefact: accepted by the tools of its own world, and started."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_scaffold.writing import dotenv
from tests.template.applications import production
from tests.template.callers import ACCOUNT, Headers, SignIn, sign_out
from tests.template.combinations import PYTHONS, VALID, Answers, label, richest, spread
from tests.template.projects import PYTHON, clean_environment, render_project, run_in, succeed
from tests.template.sample import Sample
from tests.template.serving import call, free_port, send, serving

GATEWAY = Path(__file__).with_name("gateway.py")


def lanes(combinations: list[Answers]) -> list[Any]:
    """Give the first and the last a place in the whole lane, the others in the slow one."""
    ends = (combinations[0], combinations[-1])
    marks = {True: pytest.mark.whole, False: pytest.mark.slow}
    return [pytest.param(one, marks=marks[one in ends], id=label(one)) for one in combinations]


LAMBDA = next(answers for answers in VALID if answers["deployment"] == "aws_lambda")


def rendered(sample: Sample, directory: Path, *starts: str) -> list[Path]:
    """Render one project for each distinct set of the files whose paths start so."""
    found = [render_project(directory / label(answers) / "my-api", answers) for answers in sample.distinct(*starts)]
    assert found
    return found


def test_docker_files_are_valid(sample: Sample, tmp_path: Path) -> None:
    images, composed = (rendered(sample, tmp_path / name, name) for name in ("Dockerfile", "compose.yaml"))
    succeed(tmp_path, "hadolint", *(project / "Dockerfile" for project in images))
    files = [project / "compose.yaml" for project in composed]
    succeed(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files)


def composed(project: Path, service: str) -> dict[str, str]:
    """Return the variables of a service: what `env_file` says, and over it `environment`, filled in from .env."""
    given = dotenv.variables((project / ".env").read_text())
    one = yaml.safe_load((project / "compose.yaml").read_text())["services"][service]

    def filled(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        assert given.get(name) or operator != ":?", f"{name} {rest}"
        return given.get(name) or (rest if operator == ":-" else "")

    passed = given if [file["path"] for file in one.get("env_file", ())] == [".env"] else {}
    own = {
        name: re.sub(r"\$\{(\w+)(?:(:[-?])(.*?))?\}", filled, str(value)) for name, value in one["environment"].items()
    }
    return passed | own


@pytest.mark.whole
@pytest.mark.parametrize("answers", spread("docker"), ids=label)
def test_containers_get_what_is_set_in_env(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    dotenv.write_dotenv(project)
    example = (project / ".env.example").read_text()
    asked = {"WEB_CONCURRENCY": "2", "APP_LOG_LEVEL": "ERROR", "APP_HOST": "127.0.0.1", "APP_PORT": "9000"}
    [limit] = re.findall(r"APP_HTTP_+MAX_BODY_SIZE", example)
    with (project / ".env").open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in ({limit: "4096"} | asked).items())

    services = yaml.safe_load((project / "compose.yaml").read_text())["services"]
    for service in {"app", "migrate"} & services.keys():
        found = composed(project, service)
        assert {name: found.get(name) for name in (limit, *asked)} == {limit: "4096"} | asked | {
            "APP_HOST": "0.0.0.0",
            "APP_PORT": "8000",
        }
        script = "from app.config import get_settings; print(get_settings().environment, get_settings().log_level)"
        (tmp_path / "srv").mkdir(exist_ok=True)
        read = succeed(tmp_path / "srv", environment / "python", "-c", script, PYTHONPATH=str(project), **found)
        assert read == "production ERROR\n"
        assert "127.0.0.1" not in "".join(value for name, value in found.items() if "DATABASE" in name)
    assert services["app"]["ports"] == ["127.0.0.1:${APP_PORT:-8000}:8000"]


def test_workflows_are_valid_and_safe(sample: Sample, tmp_path: Path) -> None:
    for project in rendered(sample, tmp_path, ".github/"):
        succeed(project, "git", "init", "--quiet")
        succeed(project, "actionlint")
        succeed(project, "zizmor", "--offline", "--pedantic", ".github")
        succeed(project, "check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")


def build_image(project: Path, srv: Path) -> tuple[list[str], dict[str, str]]:
    """Do what the Dockerfile says, in a directory: build, then keep what the last stage copies.

    Returns the command and the environment of the image.
    """
    succeed(project, "uv", "lock", "--quiet")
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


@pytest.mark.parametrize("answers", lanes([*spread("docker"), richest("docker")]))
@pytest.mark.usefixtures("servers")
def test_the_image_serves_in_production(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    srv = tmp_path / "srv"
    command, variables = build_image(project, srv)

    if any(answers[question] != "none" for question in ("database", "auth")):
        refused = run_in(srv, *command, **variables)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert "The settings are not complete" in refused.stderr

    services = yaml.safe_load((project / "compose.yaml").read_text())["services"]
    migrate = services.get("migrate", {}).get("command")
    with production(project, answers, environment) as (settings, sign_in):
        worker = services.get("worker", {}).get("command")
        serve(srv, migrate, command, settings | variables, sign_in, answers, worker)


def serve(
    directory: Path,
    migrate: Sequence[str | Path] | None,
    command: Sequence[str | Path],
    settings: Mapping[str, str],
    sign_in: SignIn,
    answers: Answers,
    worker: Sequence[str | Path] | None = None,
) -> None:
    """Migrate, start the command, use what it serves, and stop it; a worker does what it is asked for meanwhile."""
    if migrate:
        succeed(directory, *migrate, **settings)
    with serving(directory, command, settings) as url:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert call(url, "GET", path)[0] == 404
        assert call(url, "GET", "/health")[0] == 200
        headers = sign_in(url)
        assert bool(worker) == (answers.get("jobs", "none") != "none")
        if worker:
            have_work_done(url, headers, directory, worker, settings)
        use(url, answers["auth"], headers)
    log = (directory / "server.log").read_text()
    assert all(json.loads(line) for line in log.splitlines())
    assert not [secret for secret in (ACCOUNT["password"], *headers.values()) if secret in log]


def have_work_done(
    url: str, headers: Headers, directory: Path, worker: Sequence[str | Path], settings: Mapping[str, str]
) -> None:
    """Ask for a job before there is a worker, start one, and let it end when the job is done."""
    status, job = call(url, "POST", "/api/v1/items/reports", headers=headers)
    assert (status, job["state"]) == (202, "queued")
    with (directory / "worker.log").open("w") as output:
        process = subprocess.Popen(
            worker, cwd=directory, env=clean_environment(**settings), stdout=output, stderr=output
        )
        status, _, _ = send(url, "GET", f"/api/v1/jobs/{job['id']}/events", None, headers=headers)
        process.terminate()
        code = process.wait(timeout=30)
    assert (status, code) == (200, 0), (directory / "worker.log").read_text()[-3000:]
    assert call(url, "GET", f"/api/v1/jobs/{job['id']}", headers=headers)[1]["state"] == "done"


def kustomize(project: Path, overlay: str) -> list[dict[str, Any]]:
    """Return the objects of an environment, as they would be applied."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed, and no package of Debian or PyPI brings it")
    return list(yaml.safe_load_all(succeed(project, "kubectl", "kustomize", f"deploy/overlays/{overlay}")))


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_manifests_are_valid(sample: Sample, overlay: str, tmp_path: Path) -> None:
    for project in rendered(sample, tmp_path, "deploy/base/", "deploy/overlays/"):
        objects = kustomize(project, overlay)
        kinds = {one["kind"] for one in objects}
        assert {"Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"} <= kinds
        assert ("Job" in kinds) == (project / "migrations").exists()
        assert {one["metadata"]["namespace"] for one in objects} == {f"my-api-{overlay}"}
        (project / "all.yaml").write_text(yaml.safe_dump_all(objects))
        succeed(project, "kubernetes-validate", "--strict", "all.yaml")


@pytest.mark.parametrize("answers", lanes([*spread("kubernetes"), richest("kubernetes")]))
@pytest.mark.usefixtures("servers")
def test_the_pod_serves_in_production(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    objects = {(one["kind"], one["metadata"]["name"]): one for one in kustomize(project, "production")}
    [container] = objects["Deployment", "api"]["spec"]["template"]["spec"]["containers"]
    command, variables = build_image(project, tmp_path / "srv")
    migrate = None
    if job := objects.get(("Job", "migrate")):
        [migration] = job["spec"]["template"]["spec"]["containers"]
        assert (migration["image"], migration["envFrom"]) == (container["image"], container["envFrom"])
        migrate = migration["command"]
    with production(project, answers, environment) as (settings, sign_in):
        secret = {
            name: settings[name] for name in re.findall(r"--from-literal=(\w+)", (project / "README.md").read_text())
        }
        for source in container["envFrom"]:
            name = source.get("configMapRef", {}).get("name")
            variables |= objects["ConfigMap", name]["data"] if name else secret
        assert variables["APP_ENVIRONMENT"] == "production"
        variables |= {name: settings[name] for name in settings if name.endswith(("PORT", "ATTEMPTS", "REQUESTS"))}
        pods = [one["spec"]["template"]["spec"] for key, one in objects.items() if key == ("Deployment", "worker")]
        worker = [pod["containers"][0]["command"] for pod in pods]
        serve(tmp_path / "srv", migrate, command, variables, sign_in, answers, *worker)


def test_the_unit_is_valid_and_safe(sample: Sample, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed, and does not run from an unpacked package")
    for project in rendered(sample, tmp_path, "deploy/app.service", "deploy/worker.service"):
        for unit in project.glob("deploy/*.service"):
            text = re.sub(r"^(ExecStart\w*)=\S+", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE)
            (project / f"my-{unit.name}").write_text(text)
            verified = run_in(project, "systemd-analyze", "verify", f"./my-{unit.name}")
            assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
            succeed(project, "systemd-analyze", "security", "--offline=true", "--threshold=30", f"./my-{unit.name}")


@pytest.mark.parametrize("answers", lanes([*spread("systemd"), richest("systemd")]))
@pytest.mark.usefixtures("servers")
def test_the_unit_serves_in_production(answers: Answers, tmp_path: Path, environment: Path, nginx: str) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "uv", "sync", "--quiet", "--no-dev")
    unit = (project / "deploy/app.service").read_text()
    unit = unit.replace("/opt/my-api", str(project)).replace("/var/lib/my-api", str(tmp_path))
    lines = [line.split("=", 1) for line in unit.splitlines() if "=" in line]
    [command] = [value.split() for name, value in lines if name == "ExecStart"]
    migrate = next((value.split() for name, value in lines if name == "ExecStartPre"), None)
    variables = dict(value.split("=", 1) for name, value in lines if name == "Environment")
    with production(project, answers, environment) as (settings, sign_in):
        settings.update(variables)
        units = [
            file.read_text().replace("/opt/my-api", str(project)) for file in project.glob("deploy/worker.service")
        ]
        worker = [re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0].split() for unit in units]
        serve(project, migrate, command, settings, sign_in, answers, *worker)
        with serving(project, command, settings), behind(nginx, project, settings["APP_PORT"]) as url:
            assert call(url, "GET", "/health/ready")[0] == 200
            long = "x" * 2_000_000
            received = [
                send(url, "GET", f"/{long[:9000]}", None),
                send(url, "GET", "/health", None, headers={"A": long[:9000]}),
            ]
            received += [send(url, "POST", "/api/v1/items", {"name": long})]
            received += [send(url, "GET", "/health", None) for _ in range(80)]
        with behind(nginx, project, settings["APP_PORT"]) as url:
            received += [send(url, "GET", "/health/ready", None)]
        refused = {
            status: (headers.get_content_type(), problem) for status, headers, problem in received if status != 200
        }
        assert refused.keys() == {413, 414, 429, 431, 502}
        for status, (kind, problem) in refused.items():
            assert (kind, problem["status"], problem["code"] != "error") == ("application/problem+json", status, True)


@contextmanager
def behind(nginx: str, project: Path, port: str) -> Generator[str]:
    """Run nginx with the site of the project, in front of this port, and return its address."""
    outside = free_port()
    site = (project / "deploy/nginx.conf").read_text()
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("listen 80;", f"listen {outside};")
    (project / "site.conf").write_text(site.replace("    listen [::]:80;\n", ""))
    (project / "main.conf").write_text(
        "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off; "
        + "".join(f"{kind}_temp_path tmp; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + "include site.conf; }\n"
    )
    command = [nginx, "-p", f"{project}/", "-e", "stderr", "-c", "main.conf"]
    succeed(project, *command, "-t")
    with subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) as proxy:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", outside)):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{outside}"
        proxy.terminate()


@pytest.mark.parametrize("python", PYTHONS)
def test_the_runtime_is_on_amazon_linux_2023(python: str, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", LAMBDA, python_version=python)
    function = yaml.safe_load((project / "deploy/template.yaml").read_text())["Resources"]["Function"]["Properties"]
    assert function["Runtime"] == ("python3.12" if python == "3.11" else f"python{python}")


def make_package(project: Path) -> Path:
    """Package the function, and return the directory with it."""
    succeed(project, "uv", "run", "--no-sync", "poe", "-q", "package")
    return project / "build/function"


def check_binaries(package: Path, runtime: str) -> None:
    """See to it that each shared object is for this runtime, or any, and for the glibc of Amazon Linux 2023: 2.34."""
    binaries = list(package.rglob("*.so*"))
    assert binaries
    versions = [int(version) for path in binaries for version in re.findall(rb"\bGLIBC_2\.(\d+)", path.read_bytes())]
    assert 0 < max(versions) <= 34
    tags = {tag for path in binaries for tag in re.findall(r"\.cpython-(\d+)-", path.name)}
    assert tags == {runtime.removeprefix("python").replace(".", "")}


@pytest.mark.parametrize("answers", lanes(spread("aws_lambda")))
@pytest.mark.usefixtures("servers")
def test_the_function_serves_in_production(answers: Answers, tmp_path: Path, environment: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    succeed(project, "cfn-lint", "deploy/template.yaml")
    succeed(project, "uv", "sync", "--quiet")
    function = yaml.safe_load((project / "deploy/template.yaml").read_text())["Resources"]["Function"]["Properties"]
    package = make_package(project)
    assert not (package / "uvicorn").exists()
    check_binaries(package, function["Runtime"])
    # The same for the Python of this machine, where the runtime may be a newer one.
    tasks = project / "pyproject.toml"
    tasks.write_text(re.sub(r"--python-version \S+", f"--python-version {PYTHON}", tasks.read_text()))
    make_package(project)
    with production(project, answers, environment) as (settings, sign_in):
        variables = {"APP_PORT": settings["APP_PORT"], **{n: v for n, v in settings.items() if n.endswith("ATTEMPTS")}}
        for name, value in function["Environment"]["Variables"].items():
            variables[name] = {"APP_ENVIRONMENT": "production"}.get(name) or (settings.get(name, value))
        command = [project / ".venv/bin/python", "-W", "error", GATEWAY, variables["APP_PORT"], function["Handler"]]
        if answers["database"] != "none":
            succeed(project, "uv", "run", "--no-sync", "poe", "migrate", **settings)
        serve(package, None, command, variables, sign_in, answers)


# Says that it was called, and fails if this is the call that has to.
STUB = """#!/bin/sh
call="${0##*/} $*"
echo "$call" >> "$CALLS"
[ "$call" != "$FAILS" ] && echo '{"APP_NAME": "a b"}'
"""


@pytest.mark.whole
@pytest.mark.parametrize("answers", spread("kubernetes") + spread("systemd") + spread("aws_lambda"), ids=label)
def test_a_release_ends_with_the_first_step_that_fails(answers: Answers, tmp_path: Path) -> None:
    project = render_project(tmp_path / "my-api", answers)
    [release] = re.findall(r"At each release.*?```sh\n(.*?)```\n", (project / "README.md").read_text(), re.DOTALL)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("aws", "curl", "docker", "git", "install", "kubectl", "sam", "systemctl", "uv"):
        (programs / name).write_text(STUB)
        (programs / name).chmod(0o755)
    (programs / "tar").write_text('#!/bin/sh\n[ -n "$(cat)" ]\n')
    (programs / "tar").chmod(0o755)

    def run(fails: str) -> tuple[int, list[str]]:
        log = tmp_path / "calls"
        log.write_text("")
        path = f"{programs}:/usr/bin:/bin"
        done = run_in(project, "sh", "-c", release, PATH=path, CALLS=str(log), FAILS=fails)
        return done.returncode, log.read_text().splitlines()

    code, calls = run("")
    assert (code, len(calls) >= 2) == (0, True)
    for number, one in enumerate(calls, start=1):
        code, made = run(one)
        assert (code != 0, made) == (True, calls[:number])


def test_pipelines_are_valid(sample: Sample, tmp_path: Path) -> None:
    for project in rendered(sample, tmp_path, ".gitlab-ci.yml", "renovate.json"):
        succeed(project, "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml")
        succeed(project, "check-jsonschema", "--builtin-schema", "vendor.renovate", "renovate.json")


def use(url: str, auth: str, headers: Headers) -> None:
    """Use the items with credentials, be refused without, and sign out."""
    assert call(url, "GET", "/api/v1/items")[0] == (401 if headers else 200)
    status, item = call(url, "POST", "/api/v1/items", {"name": "Bicycle", "price": "120.00"}, headers=headers)
    assert status == 201
    path = f"/api/v1/items/{item['id']}"
    assert call(url, "PATCH", path, {"price": "99.00"}, headers=headers)[1]["price"] == "99.00"
    assert len(call(url, "GET", "/api/v1/items", headers=headers)[1]["items"]) == 1
    assert call(url, "DELETE", path, headers=headers)[0] == 204
    sign_out(url, auth, headers)
