"""What accounts are told by mail of their second factor."""

import pytest

from tests.account import Enter, add_ada
from tests.authenticator import PASSWORD, URL, Phone
from tests.conftest import Credentials, sign_in
from tests.post_office import Correspondent

practice = pytest.mark.practice


@practice("second-factor-enforced")
async def test_an_account_is_told_that_it_is_added_and_removed(
    post: Correspondent, enter: Enter, phone: Phone, credentials: Credentials
) -> None:
    await add_ada(post.client)
    browser = await enter(post.client)
    await phone.enrol(browser)
    assert await post.letters() == [], "nothing counts before it is confirmed"
    await phone.secure(browser)
    assert ["asks for a code" in letter for letter in await post.letters()] == [True]
    answer = await browser.post(f"{URL}/removal", json=PASSWORD | {"code": phone.code()})
    assert answer.status_code == 204
    assert ["password alone" in letter for letter in await post.letters()] == [True]
    await phone.secure(browser)
    await post.letters()
    url = f"/api/v1/users/{(await browser.get('/api/v1/users/me')).json()['id']}/second-factor"
    admin = await sign_in(post.client, credentials, "admin", "all")
    assert (await admin.delete(url)).status_code == 204
    assert ["password alone" in letter for letter in await post.letters()] == [True]
