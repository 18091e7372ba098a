@pytest.fixture
def settle(mailing: Client, drain: Drain) -> Settle:
    """Return what does all that was asked for, or leaves it to a later try."""
    del drain
    return lambda: work(mailing.state["settings"], ONCE)
