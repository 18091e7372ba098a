"""What sign-in asks for beside the password."""

import logging
from asyncio import gather

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.second_factor.limit import WRONG
from tests.account import Enter, SignIn, add_ada
from tests.authenticator import PASSWORD, URL, Phone, SignInWith
from tests.conftest import CreateApp, MakeSettings, Run

practice = pytest.mark.practice


@practice("second-factor-enforced")
async def test_the_password_alone_does_not_suffice(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in: SignIn, sign_in_with: SignInWith
) -> None:
    answers = [await sign_in(ada)] + [await sign_in_with(ada, code) for code in ("", phone.wrong(), "a" * 24)]
    told = [(answer.status_code, answer.json()["code"], answer.json()["error"]) for answer in answers]
    refused = (401, "second_factor_refused", "invalid_grant")
    required = (401, "second_factor_required", "invalid_grant")
    assert told == [required, required, refused, refused]
    assert all("WWW-Authenticate" in answer.headers for answer in answers)
    strangers = [await sign_in(ada, password="wrong"), await sign_in_with(ada, phone.code(), password="wrong")]
    assert {answer.json()["code"] for answer in strangers} == {"invalid_credentials"}
    assert (await sign_in_with(ada, phone.code())).status_code == 200
    assert (await secured.get(URL)).status_code == 200


@practice("totp-single-use")
async def test_a_code_is_used_once_and_none_before_it(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith
) -> None:
    del secured
    codes = [phone.code(-1), phone.code(1), phone.code(1), phone.code(), phone.code(1)]
    assert [(await sign_in_with(ada, code)).status_code for code in codes] == [401, 200, 401, 401, 401]
    phone.now += 60
    assert (await sign_in_with(ada, phone.code())).status_code == 200


@practice("totp-single-use")
@practice("recovery-codes-hashed")
@pytest.mark.parametrize("kind", ["app", "recovery"])
async def test_of_two_sign_ins_with_one_code_one_counts(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith, kind: str
) -> None:
    del secured
    code = phone.code() if kind == "app" else phone.recovery_codes[0]
    answers = await gather(*(sign_in_with(ada, code) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


@practice("totp-single-use")
@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_clocks_may_differ_by_a_step(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith, steps: int, status: int
) -> None:
    del secured
    phone.now += 90
    assert (await sign_in_with(ada, phone.code(steps))).status_code == status


async def test_codes_are_written_as_apps_and_people_write_them(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith
) -> None:
    del secured
    code = phone.code()
    foreign = code.translate({ord("0") + digit: ord("\u0660") + digit for digit in range(10)})
    recovery = phone.recovery_codes[0].upper().replace("-", " ")
    sent = [foreign, "1" * 41, f" {code[:3]} {code[3:]} ", recovery]
    assert [(await sign_in_with(ada, one)).status_code for one in sent] == [422, 422, 200, 200]


@practice("recovery-codes-hashed")
async def test_a_recovery_code_is_used_once(
    ada: AsyncClient, secured: AsyncClient, phone: Phone, sign_in_with: SignInWith, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = phone.recovery_codes[:2]
    assert [(await sign_in_with(ada, code)).status_code for code in (first, first, second)] == [200, 401, 200]
    assert (await secured.get(URL)).json()["recovery_codes"] == 8
    told = [vars(one)["event"] for one in caplog.records if one.name == "app.security"]
    assert told[-3:] == ["recovery code used", "second factor refused", "recovery code used"]


async def test_only_who_has_one_is_asked(
    ada: AsyncClient, user: AsyncClient, enter: Enter, phone: Phone, sign_in: SignIn, sign_in_with: SignInWith
) -> None:
    await phone.enrol(await enter(ada))
    assert [(await sign_in(ada)).status_code, (await sign_in_with(ada, "123456")).status_code] == [200, 200]
    assert (await user.get(URL)).json() == {"is_active": False, "active_since": None, "recovery_codes": 0}


@pytest.fixture
def tolerant(create_app: CreateApp, make_settings: MakeSettings) -> FastAPI:
    """Return an application that lets an account be tried often."""
    return create_app(make_settings(auth={"attempts": "1000/minute"}))


@practice("second-factor-limited")
async def test_codes_cannot_be_guessed(
    tolerant: FastAPI,
    run: Run,
    phone: Phone,
    enter: Enter,
    sign_in: SignIn,
    sign_in_with: SignInWith,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with run(tolerant) as client:
        await add_ada(client)
        browser = await enter(client)
        await phone.secure(browser)
        for _ in range(WRONG.amount):
            assert (await sign_in_with(client, phone.wrong(), password="wrong")).status_code == 401
            assert (await sign_in_with(client, phone.code())).status_code == 200, "others use nothing up, nor does it"
            phone.now += 30
        caplog.clear()
        caplog.set_level(logging.WARNING, "app.security")
        answers = await gather(*(sign_in_with(client, phone.wrong()) for _ in range(WRONG.amount + 3)))
        assert sorted(answer.status_code for answer in answers) == [401] * WRONG.amount + [429] * 3
        told = [vars(one)["event"] for one in caplog.records if one.name == "app.security"]
        assert [told.count(event) for event in ("second factor refused", "too many codes")] == [WRONG.amount, 3]
        answers = [await sign_in_with(client, phone.code()), await sign_in(client)]
        assert [answer.json()["code"] for answer in answers] == ["too_many_requests", "second_factor_required"]
        assert 86_000 < int(answers[0].headers["Retry-After"]) <= 86_400
        assert (await browser.post(f"{URL}/removal", json=PASSWORD | {"code": phone.code()})).status_code == 429
        assert (await sign_in_with(client, phone.recovery_codes[0])).status_code == 200
