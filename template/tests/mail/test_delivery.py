"""How mail gets to a server, and what it looks like there."""

import smtplib
import ssl
from typing import Any
from unittest.mock import patch

import pytest

from app.config import get_settings
from app.mail.delivery import Mailer, mailer_from
from tests.conftest import CreateApp, MakeSettings, variables
from tests.post_office import PASSWORD, USER, PostOffice, StartPostOffice

practice = pytest.mark.practice
PLAIN = {"tls_context": None, "require_starttls": False, "auth_required": False, "authenticator": None}
LETTER = ("ada@example.com", "Hello", "How are you?\n")


@pytest.fixture
def mailer(make_settings: MakeSettings, post_office: PostOffice) -> Mailer:
    """Return what sends to the server."""
    return mailer_from(settings_for(make_settings, post_office))


def settings_for(make_settings: MakeSettings, office: PostOffice, *given: str, **changes: str) -> Any:
    usual = {"host": "localhost", "port": str(office.port), "user": USER, "password": PASSWORD}
    return make_settings(*given, mail=usual | changes)


@practice("mail-tls")
@pytest.mark.parametrize(("tls", "options"), [("starttls", {}), ("implicit", {"implicit": True})])
async def test_mail_is_encrypted(
    make_settings: MakeSettings, start_post_office: StartPostOffice, tls: str, options: dict[str, Any]
) -> None:
    office = start_post_office(**options)
    await mailer_from(settings_for(make_settings, office, "production", tls=tls)).send(*LETTER)
    [message] = office.received
    assert (message["Subject"], message.get_content().replace("\r\n", "\n")) == LETTER[1:]


@practice("mail-tls")
@pytest.mark.parametrize(
    ("changes", "options", "error"),
    [
        ({"host": "127.0.0.1"}, {}, ssl.SSLCertVerificationError),
        ({"host": "127.0.0.1", "tls": "implicit"}, {"implicit": True}, ssl.SSLCertVerificationError),
        ({}, PLAIN, smtplib.SMTPNotSupportedError),
        ({"password": "wrong"}, {}, smtplib.SMTPAuthenticationError),
    ],
)
async def test_what_others_could_read_is_not_sent(
    make_settings: MakeSettings,
    start_post_office: StartPostOffice,
    changes: dict[str, str],
    options: dict[str, Any],
    error: type[Exception],
) -> None:
    office = start_post_office(**options)
    with pytest.raises(error):
        await mailer_from(settings_for(make_settings, office, **changes)).send(*LETTER)
    assert office.received == []


@practice("mail-tls")
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    mailer: Mailer, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError):
        await mailer.send(*LETTER)
    assert post_office.received == []


@practice("mail-tls")
async def test_an_inbox_without_tls_is_for_development(
    create_app: CreateApp, make_settings: MakeSettings, start_post_office: StartPostOffice
) -> None:
    office = start_post_office(**PLAIN)
    given = make_settings(mail={"host": "localhost", "port": str(office.port), "tls": "none"})
    await mailer_from(given).send(*LETTER)
    assert len(office.received) == 1
    for environment in ("staging", "production"):
        with pytest.raises(SystemExit, match=r"for development alone.*TLS"):
            create_app(make_settings(environment, mail={"tls": "none"}))


@practice("settings-typed-values")
@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"port": "465"}, "TLS"),
        ({"port": "587", "tls": "implicit"}, "TLS"),
        ({"user": "api"}, "USER"),
        ({"password": "secret"}, "USER"),
    ],
)
def test_settings_that_contradict_each_other_are_named(
    environment: dict[str, str], changes: dict[str, str], name: str
) -> None:
    get_settings.cache_clear()
    wrong = environment | variables(mail=changes)
    with patch.dict("os.environ", wrong), pytest.raises(SystemExit, match=f"MAIL_+{name}") as refused:
        get_settings()
    assert "HOST" not in str(refused.value), "the others are right"


@practice("settings-secure-defaults")
@pytest.mark.parametrize("link", ["http://localhost:3000/a", "https://127.0.0.1", "http://[::1]/a"])
def test_links_lead_nobody_to_their_own_machine(create_app: CreateApp, make_settings: MakeSettings, link: str) -> None:
    with pytest.raises(SystemExit, match=r"for development alone.*LINK"):
        create_app(make_settings("production", mail={"link": link}))
    for environment, other in (("development", link), ("production", "https://localhost.example.com/a")):
        assert create_app(make_settings(environment, mail={"link": other}))


@pytest.mark.parametrize(
    ("email", "sent"),
    [
        ("o'brien+post@example.com", "o'brien+post@example.com"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example", ""),
    ],
)
async def test_addresses_are_as_people_have_them(
    mailer: Mailer, post_office: PostOffice, email: str, sent: str
) -> None:
    await mailer.send(email, *LETTER[1:])
    assert [one["To"].addresses[0].addr_spec for one in post_office.received] == [sent or email]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("My API <noreply@example.com>", "My API"),
        ('"B\u00fccher, GmbH" <noreply@example.com>', "B\u00fccher, GmbH"),
        ("noreply@example.com", "noreply"),
    ],
)
def test_the_sender_has_a_name(make_settings: MakeSettings, given: str, name: str) -> None:
    message = mailer_from(make_settings(mail={"sender": given})).message(*LETTER)
    [sender] = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "noreply@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")


def test_a_header_has_one_line(mailer: Mailer) -> None:
    for email, subject in ((f"{LETTER[0]}\nBcc: eve@example.com", "Hello"), (LETTER[0], "Hello\nBcc: eve")):
        with pytest.raises(ValueError, match=r"invalid|linefeed"):
            mailer.message(email, subject, "")
