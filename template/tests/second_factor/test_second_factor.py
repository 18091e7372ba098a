"""The life of a second factor: what its owner does, administrators do, and is stored of it."""

from asyncio import gather
from base64 import b32decode
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from anyio import to_thread
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select

from app.config import Settings
from app.second_factor import remove
from app.second_factor.codes import step_of
from app.second_factor.encryption import cipher_from
from app.second_factor.models import RecoveryCode, SecondFactor
from app.users import command_line
from tests.account import ACCOUNT, Enter, Sessions, SignIn
from tests.authenticator import PASSWORD, URL, Phone, SignInWith
from tests.conftest import Client, MakeSettings, connect

practice = pytest.mark.practice
# RFC 6238, appendix B, of whose digits apps show the last six.
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("now", "code"), VECTORS)
def test_codes_are_those_of_the_standard(phone: Phone, now: int, code: str) -> None:
    phone.now, phone.secret = now, b"12345678901234567890"
    assert (step_of(phone.secret, code[2:]), phone.code()) == (now // 30, code[2:])
    assert step_of(phone.secret, code[:6]) is None


async def test_what_an_app_is_given(ada: AsyncClient, enter: Enter) -> None:
    browser = await enter(ada)
    answers = [await browser.post(f"{URL}/enrolment", json=PASSWORD) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(201, URL)] * 2
    keys = [answer.json()["setup_key"] for answer in answers]
    assert keys[0] != keys[1]
    assert len(b32decode(keys[0])) == 20
    uri = urlsplit(answers[0].json()["uri"])
    given = {name: value for name, [value] in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path.endswith(f":{ACCOUNT['email'].replace('@', '%40')}")
    assert given["secret"] == keys[0]
    assert {"digits": "6", "period": "30", "algorithm": "SHA1"}.items() <= given.items()


@practice("account-changes-logged")
@practice("second-factor-enforced")
async def test_it_counts_once_it_is_confirmed(
    ada: AsyncClient, enter: Enter, phone: Phone, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = await enter(ada), await enter(ada)
    confirmation = f"{URL}/confirmation"
    assert (await here.post(confirmation, json={"code": "123456"})).json()["code"] == "second_factor_not_found"
    assert (await here.post(f"{URL}/enrolment", json={"password": "wrong"})).json()["code"] == "wrong_password"
    await phone.enrol(here)
    await phone.enrol(here)
    wrong = await here.post(confirmation, json={"code": phone.wrong()})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    assert [(await one.get(URL)).json()["is_active"] for one in (here, there)] == [False, False]
    codes = (await here.post(confirmation, json={"code": phone.code()})).json()["recovery_codes"]
    assert (len({*codes}), {len(code) for code in codes}) == (10, {29})
    read = await here.get(URL)
    assert (read.json()["is_active"], read.json()["recovery_codes"]) == (True, 10)
    assert [(await there.get(URL)).status_code, (await sign_in(ada)).status_code] == [401, 401]
    again = [await here.post(confirmation, json={"code": phone.code(1)})]
    again.append(await here.post(f"{URL}/enrolment", json=PASSWORD))
    assert [(answer.status_code, answer.json()["code"]) for answer in again] == [(409, "second_factor_active")] * 2
    assert "second factor added: ada@example.com, by 127.0.0.1" in caplog.text
    assert not [secret for secret in (*codes, phone.code(), phone.wrong()) if secret in caplog.text]


async def test_of_two_enrolments_at_once_one_counts(ada: AsyncClient, enter: Enter, sessions: Sessions) -> None:
    browser = await enter(ada)
    answers = await gather(*(browser.post(f"{URL}/enrolment", json=PASSWORD) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [201, 201]
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(SecondFactor)) == 1


@practice("account-changes-logged")
async def test_codes_are_renewed_and_it_is_removed_with_password_and_code(
    ada: AsyncClient,
    secured: AsyncClient,
    phone: Phone,
    sign_in: SignIn,
    sign_in_with: SignInWith,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for action in ("recovery-codes", "removal"):
        bodies = [{"password": "wrong", "code": phone.code()}, PASSWORD | {"code": phone.wrong()}]
        answers = [await secured.post(f"{URL}/{action}", json=body) for body in bodies]
        told = [(answer.status_code, answer.json()["code"]) for answer in answers]
        assert told == [(422, "wrong_password"), (422, "wrong_code")]
    old = phone.recovery_codes
    answer = await secured.post(f"{URL}/recovery-codes", json=PASSWORD | {"code": phone.code()})
    new = answer.json()["recovery_codes"]
    assert (len(new), {*old} & {*new}) == (10, set())
    assert [(await sign_in_with(ada, code)).status_code for code in (old[0], new[0])] == [401, 200]
    assert (await secured.post(f"{URL}/removal", json=PASSWORD | {"code": new[1]})).status_code == 204
    assert (await secured.get(URL)).json() == {"is_active": False, "active_since": None, "recovery_codes": 0}
    assert (await sign_in(ada)).status_code == 200
    answer = await secured.post(f"{URL}/removal", json=PASSWORD | {"code": new[2]})
    assert (answer.status_code, answer.json()["code"]) == (404, "second_factor_not_found")
    for event in ("password refused", "second factor refused", "recovery codes replaced", "second factor removed"):
        assert f"{event}: ada@example.com, by 127.0.0.1" in caplog.text


@practice("account-changes-logged")
async def test_administrators_remove_it(
    ada: AsyncClient, secured: AsyncClient, admin: AsyncClient, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"/api/v1/users/{(await secured.get('/api/v1/users/me')).json()['id']}/second-factor"
    assert [(await one.delete(url)).status_code for one in (secured, admin, admin)] == [403, 204, 404]
    assert [(await sign_in(ada)).status_code, (await secured.get(URL)).status_code] == [200, 200]
    assert "second factor removed: ada@example.com, by admin@example.com, 127.0.0.1" in caplog.text


async def test_it_is_removed_on_the_command_line(
    ada: AsyncClient,
    secured: AsyncClient,
    sign_in: SignIn,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(command_line, "get_settings", lambda: settings)
    assert (remove.main([]), remove.main(["a", "b"])) == (remove.USAGE, remove.USAGE)
    assert "no account" in str(await to_thread.run_sync(remove.main, ["eve@example.com"]))
    assert await to_thread.run_sync(remove.main, ["Ada@example.com"]) is None
    assert [(await sign_in(ada)).status_code, (await secured.get(URL)).status_code] == [200, 200]
    assert "second factor removed: ada@example.com, by the command line" in caplog.text


@practice("account-deletion")
async def test_it_goes_with_its_account(secured: AsyncClient, sessions: Sessions) -> None:
    assert (await secured.post("/api/v1/users/me/deletion", json=PASSWORD)).status_code == 204
    async with sessions() as session:
        found = [await session.scalar(select(func.count()).select_from(one)) for one in (SecondFactor, RecoveryCode)]
    assert found == [0, 0]


@practice("totp-secret-encrypted")
@practice("recovery-codes-hashed")
async def test_the_tables_tell_no_secret(secured: AsyncClient, phone: Phone, sessions: Sessions) -> None:
    del secured
    async with sessions() as session:
        [stored] = (await session.scalars(select(SecondFactor.secret))).all()
        hashes = (await session.scalars(select(RecoveryCode.code_hash))).all()
    assert stored.startswith("gAAAA"), "authenticated, with a time and a vector of its own (Fernet)"
    assert not [one for one in phone.recovery_codes if one in hashes or one.replace("-", "") in hashes]
    assert {len(one) for one in hashes} == {64}


@practice("totp-secret-encrypted")
async def test_the_key_is_replaced(
    client: Client,
    api: FastAPI,
    secured: AsyncClient,
    phone: Phone,
    second_factor_key: str,
    sign_in_with: SignInWith,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del secured
    old, new = SecretStr(second_factor_key), SecretStr("another one that only tests encrypt with")
    # What was used with the new key no longer needs the old one, without which other codes still help.
    for cipher, status in ((cipher_from(new, old), 200), (cipher_from(new, None), 200), (cipher_from(old, None), 401)):
        state = replace(client.state["second_factor"], cipher=cipher)
        async with connect(api, client.state | {"second_factor": state}) as other:
            assert (await sign_in_with(other, phone.code())).status_code == status
            assert (await sign_in_with(other, phone.recovery_codes.pop())).status_code == 200
        phone.now += 30
    assert "second factor unreadable: ada@example.com" in caplog.text


@practice("totp-secret-encrypted")
@pytest.mark.parametrize("name", ["key", "previous_key"])
def test_a_key_is_random(make_settings: MakeSettings, name: str) -> None:
    assert make_settings(second_factor={name: "0123456789" * 4})
    for made_up in ("0123456789" * 3 + "0", "012345678" * 5):
        with pytest.raises(ValidationError, match="fewer than 32 characters"):
            make_settings(second_factor={name: made_up})
