"""What waits to be sent, in the process that has answered."""

from time import monotonic

import pytest
from sqlalchemy import event

from app.config import Settings
from app.mail.outbox import Outbox
from tests.account import ACCOUNT
from tests.conftest import Client, CreateApp, Run, connect
from tests.post_office import Correspondent, PostOffice

practice = pytest.mark.practice


@practice("mail-bounded")
async def test_only_so_many_mails_wait(
    post: Correspondent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stream = post.client.state["outbox"].waiting
    monkeypatch.setattr(stream._state, "max_buffer_size", 1)
    post.office.awake.clear()
    for name in ("ada", "grace", "eve"):
        assert await post.ask("/users", **(ACCOUNT | {"email": f"{name}@example.com"})) == (202, "")
    assert "Too many mails wait" in caplog.text
    post.office.awake.set()
    await post.settle()


async def test_what_the_server_cannot_take_now_is_tried_again(
    post: Correspondent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = ["451 Later", "250 OK", "451 Later", "451 Later"]
    monkeypatch.setattr(post.office, "answer", lambda: answers.pop(0))
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    first, second = await post.letters()
    assert first != second, "there is another token at each try, and nobody has the first one"
    token = second.partition("=")[2].split()[0]
    assert await post.ask("/auth/verify", token=token, password=ACCOUNT["password"]) == (204, "")
    assert "could not be sent" in caplog.text
    assert await post.ask("/auth/forgotten", email=ACCOUNT["email"]) == (202, "")
    await post.settle()
    assert ("given up" in caplog.text, answers) == (True, [])


@practice("mail-bounded")
async def test_what_the_server_never_takes_holds_nobody_up(
    post: Correspondent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = ["550 Unknown", "250 OK"]
    monkeypatch.setattr(post.office, "answer", lambda: answers.pop(0))
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    await post.settle()
    assert ("given up: registration" in caplog.text, answers) == (True, ["250 OK"])
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    assert len(await post.letters()) == 2, "what was not sent does not count, and whoever asks again need not wait"


@practice("mail-off-loop")
async def test_a_server_that_does_not_answer_holds_no_stop(
    create_app: CreateApp,
    mail_settings: Settings,
    run: Run,
    post_office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.mail.outbox.STOP_SECONDS", 0.1)
    post_office.awake.clear()
    async with run(create_app(mail_settings)) as client:
        await client.post("/api/v1/users", json=ACCOUNT)
        await post_office.is_reached()
        start = monotonic()
    assert monotonic() - start < 2


@practice("mail-after-commit")
async def test_what_is_lost_with_the_process_is_a_line_of_the_log(
    create_app: CreateApp,
    mail_settings: Settings,
    run: Run,
    post_office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("app.mail.outbox.STOP_SECONDS", 0.1)
    post_office.awake.clear()
    async with run(create_app(mail_settings)) as client:
        for name in ("ada", "grace"):
            await client.post("/api/v1/users", json=ACCOUNT | {"email": f"{name}@example.com"})
        await client.post("/api/v1/auth/forgotten", json={"email": ACCOUNT["email"]})
        await post_office.is_reached()
    post_office.awake.set()
    assert post_office.left.wait(5), "it logs, too"
    assert "mails are given up: 2 registration, 1 reset\n" in capsys.readouterr().out


@practice("mail-after-commit")
async def test_nothing_waits_that_is_not_stored(post: Correspondent, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    waiting: list[object] = []
    monkeypatch.setattr(Outbox, "put", lambda *given: waiting.append(given))
    engine = post.client.state["engine"].sync_engine
    event.listen(engine, "commit", fail)
    assert (await post.ask("/users", **ACCOUNT))[0] == 500
    assert waiting == []
    event.remove(engine, "commit", fail)
    assert (await post.ask("/users", **ACCOUNT))[0] == 202
    assert len(waiting) == 1


@practice("mail-after-commit")
async def test_what_waits_is_sent_before_the_end(
    create_app: CreateApp, mail_settings: Settings, mailing: Client, post_office: PostOffice
) -> None:
    app = create_app(mail_settings)
    async with app.router.lifespan_context(app) as state, connect(app, state or {}) as client:
        for name in ("ada", "grace"):
            await client.post("/api/v1/users", json=ACCOUNT | {"email": f"{name}@example.com"})
    assert len(post_office.received) == 2, mailing
