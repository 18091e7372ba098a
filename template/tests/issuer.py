"""A small OpenID Connect issuer: a real server with real keys, for tests and for trying the API out.

By hand, `uv run python -m tests.issuer [PORT]`; then /token?sub=ada&aud=…&scope=… is a token with these claims.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CONFIGURATION, KEYS = "/.well-known/openid-configuration", "/keys"


@dataclass
class Key:
    """A private key, its name, and what it signs with."""

    id: str
    algorithm: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def public(self) -> dict[str, Any]:
        jwk = json.loads(jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key()))
        return {**jwk, "kid": self.id, "alg": self.algorithm, "use": "sig"}


def new_key(name: str, algorithm: str = "ES256") -> Key:
    """Make a key; those for elliptic curves cost least."""
    if algorithm.startswith("ES"):
        return Key(name, algorithm, ec.generate_private_key(ec.SECP256R1()))
    return Key(name, algorithm, rsa.generate_private_key(65537, 2048))


class Issuer(ThreadingHTTPServer):
    """Serves its pages: whatever a test puts in their place, which may raise or sleep, is what the application gets."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.keys = [new_key("first")]
        self.asked: list[str] = []
        self.pages: dict[str, Callable[[], object]] = {
            CONFIGURATION: lambda: {
                "issuer": self.url,
                "jwks_uri": self.url + KEYS,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            },
            KEYS: lambda: {"keys": [key.public for key in self.keys]},
        }

    def rotate(self, algorithm: str = "ES256") -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.keys = [new_key(f"{self.keys[0].id}+", algorithm)]

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """Sign these claims."""
        key = self.keys[0]
        return jwt.encode(claims, key.private, key.algorithm, {"kid": key.id, "typ": "at+jwt"} | header)

    def token(self, **claims: Any) -> str:
        """Issue an access token for an hour."""
        now = int(time.time())
        return self.sign({"iss": self.url, "iat": now, "exp": now + 3600, **claims})

    def answer(self, path: str, query: dict[str, str]) -> bytes:
        if path == "/token":
            return self.token(**query).encode()
        page = self.pages[path]()
        return page if isinstance(page, bytes) else json.dumps(page).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Issuer)
        url = urlsplit(self.path)
        self.server.asked.append(url.path)
        try:
            content = self.server.answer(url.path, dict(parse_qsl(url.query)))
            self.send_response(200)
        except Exception as error:
            content = repr(error).encode()
            self.send_response(500)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Access-Control-Allow-Origin", "*")
        with suppress(ConnectionError):  # whoever asked did not wait
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


if __name__ == "__main__":
    issuer = Issuer(int(sys.argv[1]) if len(sys.argv) > 1 else 8100)
    sys.stdout.write(f"Tokens are at {issuer.url}/token\n")
    issuer.serve_forever()
