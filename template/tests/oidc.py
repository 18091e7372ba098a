"""Credentials of the tests: access tokens of an issuer that runs beside them."""

import hmac
import socket
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import cache
from threading import Thread
from typing import Any

import httpcore2
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.auth.claims import Role
from tests.conftest import Credentials
from tests.issuer import Issuer, new_key

AUDIENCE = "the tests"
HERE = {"127.0.0.1", "localhost", "test"}


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Let no test reach another machine, and share the TLS context that clients take longest to make."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in HERE:
            pytest.fail(f"a test wants to reach {address}")
        connect(self, address)

    def checked_resolve(host: Any, *args: Any, **values: Any) -> Any:
        if host not in HERE:
            pytest.fail(f"a test wants to reach {host}")
        return resolve(host, *args, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.socket.connect", checked_connect)
        patch.setattr("socket.getaddrinfo", checked_resolve)
        patch.setattr("httpcore2.default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Run the issuer."""
    with Issuer() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def auth_settings(issuer: Issuer) -> dict[str, str]:
    """Return the settings without which nobody can be recognised."""
    return {"issuer": issuer.url, "audience": AUDIENCE}


@pytest.fixture(scope="session")
def open_operations() -> set[str]:
    """Return the operations for strangers; whoever opens one says so here."""
    return set()


@pytest.fixture(scope="session")
def credentials(issuer: Issuer) -> Credentials:
    """Return what makes the headers of a caller with this name."""

    async def make(state: dict[str, Any], name: str, rights: str) -> dict[str, str]:
        roles = {"least": [], "usual": [Role.USER], "all": [Role.USER, Role.ADMIN]}[rights]
        scope = " ".join(state["auth"].tokens.names[role] for role in roles)
        return {"Authorization": f"Bearer {issuer.token(sub=name, aud=AUDIENCE, scope=scope)}"}

    return make


@pytest.fixture(scope="session")
def sign(issuer: Issuer) -> Callable[[dict[str, Any], str], str]:
    """Return what signs claims, as the issuer does or as somebody who would like to be it."""

    def with_signature(claims: dict[str, Any], signature: str) -> str:
        key = issuer.keys[0]
        header = {"kid": key.id, "typ": "at+jwt"}
        match signature:
            case "another key":
                return jwt.encode(claims, new_key("forged", key.algorithm).private, key.algorithm, header)
            case "another algorithm":  # the public key, which everybody can read, as the secret
                secret = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                unsigned = jwt.encode(claims, "x" * 32, "HS256", header).rpartition(".")[0]
                digest = urlsafe_b64encode(hmac.digest(secret, unsigned.encode(), "sha256"))
                return f"{unsigned}.{digest.decode().rstrip('=')}"
            case "none":
                return jwt.encode(claims, "", "none", header)
        return issuer.sign(claims)

    return with_signature
