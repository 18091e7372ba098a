@pytest.fixture
def settle(mailing: Client, monkeypatch: pytest.MonkeyPatch) -> Settle:
    """Return what waits until all that was asked for is sent, or given up after two tries."""
    monkeypatch.setattr("app.mail.outbox.TRIES", (0, 0))

    async def wait() -> None:
        for _ in range(1000):
            if mailing.state["outbox"].waiting.statistics().tasks_waiting_receive:
                return
            await sleep(0.01)
        pytest.fail("mail is still being sent")

    return wait
