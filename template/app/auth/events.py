"""What whoever watches over the application has to hear of."""

import logging

from starlette.requests import HTTPConnection

logger = logging.getLogger("app.security")


def client_of(connection: HTTPConnection) -> str:
    """Return the address of the client; the server knows which proxies may say what it is."""
    return connection.client.host if connection.client else "unknown"


def report(event: str, account: object, client: str) -> None:
    """Write what happened to which account, and who did it; never a secret, not even a wrong one."""
    extra = {"event": event, "account": str(account), "client": client}
    logger.warning("%(event)s: %(account)s, by %(client)s", extra, extra=extra)
