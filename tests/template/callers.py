"""How a caller of a generated application gets credentials: for each answer to `auth`, headers of an administrator."""

import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.template.projects import clean_environment, succeed
from tests.template.serving import AUDIENCE, call, send

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
ADD_ACCOUNT = """
import sys
import anyio
from app.config import get_settings
from app.users.command_line import engine_from, create_sessionmaker
from app.users.passwords import Passwords
from app.users.repository import UserRepository
async def add(email, password):
    engine = engine_from(get_settings())
    async with create_sessionmaker(engine).begin() as session:
        await UserRepository(session).add(email, Passwords().hasher.hash(password))
    await engine.dispose()
anyio.run(add, *sys.argv[1:])
"""
Headers = dict[str, str]
SignIn = Callable[[str], Headers]


@contextmanager
def caller(project: Path, auth: str, python: Path, settings: dict[str, str]) -> Generator[SignIn]:
    """Do what comes before the application starts, such as running an issuer or adding a key to the settings.

    Gives the function that returns the headers for an application at an address.
    """
    match auth:
        case "jwt" | "session":
            yield lambda url: register(url, project, python, settings) or SIGN_IN[auth](url)
        case "api_key":
            if (project / "migrations").exists():
                yield lambda _url: make_key(project, python, settings)
            else:  # the application reads its keys when it starts
                headers = make_key(project, python, settings)
                yield lambda _url: headers
        case "oidc":
            with issuing(project, python, settings) as token:
                headers = {"Authorization": f"Bearer {token}"}
                yield lambda _url: headers
        case _:
            yield lambda _url: {}


def register(url: str, project: Path, python: Path, settings: dict[str, str]) -> None:
    """Make the account of an administrator; where registration is answered by mail, nobody reads that here."""
    status, _ = call(url, "POST", "/api/v1/users", ACCOUNT)
    if status == 202:
        succeed(project, python, "-c", ADD_ACCOUNT, *ACCOUNT.values(), **settings)
    else:
        assert status == 201
    succeed(project, python, "-m", "app.users.grant", ACCOUNT["email"], "admin", **settings)


def make_key(project: Path, python: Path, settings: dict[str, str]) -> Headers:
    """Make a key with every scope; what is meant for the settings is put there."""
    command = [python, "-m", "app.auth.keys", "create", "billing", "--scopes", "read,write,admin", "--days", "1"]
    *entries, key = succeed(project, *command, **settings).split()
    settings.update((name, value) for name, _, value in (entry.partition("=") for entry in entries))
    return {"X-API-Key": key}


@contextmanager
def issuing(project: Path, python: Path, settings: dict[str, str]) -> Generator[str]:
    """Run the issuer that the project's own tests bring; gives an administrator's token."""
    url = next(value for name, value in settings.items() if name.endswith("ISSUER"))
    command = [python, "-u", "-m", "tests.issuer", url.rpartition(":")[2]]
    with subprocess.Popen(command, cwd=project, env=clean_environment(), stdout=subprocess.PIPE, text=True) as issuer:
        try:
            assert issuer.stdout
            assert url in issuer.stdout.readline()
            query = urlencode({"sub": "ada", "aud": AUDIENCE, "scope": f"{AUDIENCE} {AUDIENCE}:admin"})
            with urlopen(f"{url}/token?{query}", timeout=10) as answer:
                yield answer.read().decode()
        finally:
            issuer.terminate()


def tokens(url: str) -> Any:
    """Return an access token and a refresh token of the account."""
    form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
    status, answer = call(url, "POST", "/api/v1/auth/token", form, form=True)
    assert status == 200, answer
    return answer


def bearer(url: str) -> Headers:
    """Return the headers of a caller with an access token."""
    return {"Authorization": f"Bearer {tokens(url)['access_token']}"}


def cookie(url: str) -> Headers:
    """Return the headers of a caller with a session."""
    status, received, answer = send(url, "POST", "/api/v1/auth/session", ACCOUNT)
    assert status == 200, answer
    return {"Cookie": received["Set-Cookie"].partition(";")[0]}


SIGN_IN = {"jwt": bearer, "session": cookie}


def sign_out(url: str, auth: str, headers: Headers) -> None:
    """End what the caller has begun, where that is possible, and see that it has ended."""
    match auth:
        case "jwt":
            status, fresh = call(url, "POST", "/api/v1/auth/refresh", {"refresh_token": tokens(url)["refresh_token"]})
            assert status == 200
            refresh = {"refresh_token": fresh["refresh_token"]}
            assert call(url, "POST", "/api/v1/auth/logout", refresh)[0] == 204
            assert call(url, "POST", "/api/v1/auth/refresh", refresh)[0] == 401
        case "session":
            assert headers["Cookie"].startswith("__Host-session=")
            foreign = headers | {"Sec-Fetch-Site": "cross-site"}
            assert call(url, "DELETE", "/api/v1/auth/session", headers=foreign)[0] == 403
            assert call(url, "DELETE", "/api/v1/auth/session", headers=headers)[0] == 204
            assert call(url, "GET", "/api/v1/items", headers=headers)[0] == 401
