"""What waits to be sent, in the queue."""

import pytest
from sqlalchemy import text

from tests.account import ACCOUNT
from tests.post_office import Correspondent

practice = pytest.mark.practice
JOBS = text("SELECT args::text, status::text FROM procrastinate_jobs WHERE task_name = 'mail.send' ORDER BY id")


async def jobs(post: Correspondent) -> list[tuple[str, str]]:
    async with post.client.state["engine"].connect() as connection:
        return [(row[0], row[1]) for row in await connection.execute(JOBS)]


@practice("mail-after-commit")
async def test_a_mail_is_a_job_of_the_same_transaction(post: Correspondent, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("app.mail.router.Accepted", None)
        assert (await post.ask("/users", **ACCOUNT))[0] == 500
    assert await jobs(post) == []
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    assert [status for _, status in await jobs(post)] == ["todo"]


@practice("reset-token-single-use")
async def test_the_queue_holds_no_token(post: Correspondent) -> None:
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    token = await post.token()
    [(arguments, status)] = await jobs(post)
    assert (status, "row_id" in arguments, token in arguments) == ("succeeded", True, False)


async def test_what_the_server_cannot_take_now_is_tried_again(
    post: Correspondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["451 Later", "250 OK"]
    monkeypatch.setattr(post.office, "answer", lambda: answers.pop(0))
    assert await post.ask("/users", **ACCOUNT) == (202, "")
    await post.letters()
    async with post.client.state["engine"].begin() as connection:
        await connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    password = ACCOUNT["password"]
    assert await post.ask("/auth/verify", token=await post.token(), password=password) == (204, "")
    assert [status for _, status in await jobs(post)] == ["succeeded"]
