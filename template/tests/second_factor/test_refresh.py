import pytest
from httpx2 import AsyncClient

from tests.authenticator import Phone, SignInWith

practice = pytest.mark.practice


@practice("second-factor-enforced")
async def test_a_sign_in_goes_on_without_a_code(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith
) -> None:
    assert "Authorization" in secured.headers
    body = {"refresh_token": (await sign_in_with(ada, phone.code())).json()["refresh_token"]}
    body["refresh_token"] = (await ada.post("/api/v1/auth/refresh", json=body)).json()["refresh_token"]
    answer = await ada.post("/api/v1/auth/token", data={"grant_type": "refresh_token", **body})
    assert answer.status_code == 200
