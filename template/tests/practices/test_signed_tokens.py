"""Practices of signed tokens, whoever issues them."""

from collections.abc import Callable
from time import time
from typing import Any

import jwt
import pytest
from httpx2 import AsyncClient

from tests.conftest import CLOSED
from tests.inspection import imports

practice = pytest.mark.practice


@practice("auth-401-vs-403")
@practice("jwt-strict-decode")
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    ("change", "signature", "status"),
    [
        ({}, "genuine", 200),
        *(({claim: None}, "genuine", 401) for claim in ("exp", "iat", "sub", "aud", "iss")),
        *(({claim: "another"}, "genuine", 401) for claim in ("aud", "iss")),
        *(({claim: late}, "genuine", 200) for claim, late in (("exp", -1), ("iat", 5))),
        *(({claim: late}, "genuine", 401) for claim, late in (("exp", -60), ("iat", 60), ("nbf", 60))),
        *(({}, signature, 401) for signature in ("another key", "another algorithm", "none")),
    ],
)
async def test_only_genuine_tokens_are_accepted(
    user: AsyncClient, sign: Callable[[dict[str, Any], str], str], change: dict[str, Any], signature: str, status: int
) -> None:
    times = {name: int(time()) + seconds for name, seconds in change.items() if isinstance(seconds, int)}
    claims = jwt.decode(user.headers["Authorization"].split()[1], options={"verify_signature": False}) | change | times
    token = sign({name: value for name, value in claims.items() if value is not None}, signature)
    answer = await user.get(CLOSED, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status
    assert ('error="invalid_token"' in answer.headers.get("WWW-Authenticate", "")) is (status == 401)


@practice("jwt-maintained-library")
def test_the_library_is_maintained(pyproject: dict[str, Any]) -> None:
    assert "jose" in pyproject["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert {name.split(".")[0] for _, name in imports("app/**/*.py")} & {"jose", "jwt"} == {"jwt"}
