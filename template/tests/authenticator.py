"""An authenticator app for tests, whose clock is that of the application, and what encrypts its secret."""

import hmac
from base64 import b32decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from httpx2 import AsyncClient, Response

from tests.account import ACCOUNT, Enter, SignInRequest

SignInWith = Callable[..., Awaitable[Response]]
URL, PASSWORD = "/api/v1/users/me/second-factor", {"password": ACCOUNT["password"]}


@pytest.fixture(scope="session")
def second_factor_key() -> str:
    """Return the setting without which no secret can be stored."""
    return "only the tests encrypt with this one"


@dataclass
class Phone:
    """An app that knows one account, and a note of its codes to recover with."""

    now: int = 2_000_000_010
    secret: bytes = b""
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """Return what it shows, or did or will some steps away (RFC 4226, 5.3)."""
        digest = hmac.digest(self.secret, (self.now // 30 + steps).to_bytes(8, "big"), "sha1")
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"

    def wrong(self) -> str:
        """Return what it does not show, and will not soon."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for digit in "01234567" if (code := digit * 6) not in near)

    async def enrol(self, browser: AsyncClient) -> None:
        """Give it the secret of the account that is signed in."""
        self.secret = b32decode((await browser.post(f"{URL}/enrolment", json=PASSWORD)).json()["setup_key"])

    async def secure(self, browser: AsyncClient) -> None:
        """Let sign-in ask for its codes, and wait for the next one."""
        await self.enrol(browser)
        answer = await browser.post(f"{URL}/confirmation", json={"code": self.code()})
        self.recovery_codes = answer.json()["recovery_codes"]
        self.now += 30


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    """Return an app without an account."""
    phone = Phone()
    monkeypatch.setattr("app.second_factor.codes.time", lambda: phone.now)
    return phone


@pytest.fixture
async def secured(ada: AsyncClient, enter: Enter, phone: Phone) -> AsyncClient:
    """Return a client in which an account is signed in that has a second factor."""
    browser = await enter(ada)
    await phone.secure(browser)
    return browser


@pytest.fixture(scope="session")
def sign_in_with(sign_in_request: SignInRequest) -> SignInWith:
    """Return what signs in with a code beside the password."""

    def send(client: AsyncClient, code: str, **changes: str) -> Awaitable[Response]:
        request = sign_in_request(**(ACCOUNT | changes))
        (request.get("data") or request["json"])["code"] = code
        return client.post(**request)

    return send
