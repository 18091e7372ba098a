"""What whoever watches over the application has to hear of."""

import logging

from starlette.requests import HTTPConnection

logger = logging.getLogger("app.security")


def client_of(connection: HTTPConnection) -> str:
    """Return the address of the client; the server knows which proxies may say what it is."""
    return connection.client.host if connection.client else "unknown"


def report(event: str, account: object, client: str, *, detail: str = "", administrator: str = "") -> None:
    """Write what happened to which account, and who did it from where; never a secret, not even a wrong one.

    An event has one name, to count and to look for; what differs from one to the next is its detail.
    """
    extra = {"event": event, "account": str(account), "client": client}
    extra |= {"detail": detail} if detail else {}
    extra |= {"administrator": administrator} if administrator else {}
    what = f"{event} ({detail})" if detail else event
    who = f"{administrator}, {client}" if administrator else client
    logger.warning("%s: %s, by %s", what, account, who, extra=extra)
