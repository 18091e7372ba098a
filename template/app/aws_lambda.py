"""AWS Lambda: `handler` answers what API Gateway sends.

Mangum would start and stop the application for each invocation, and its connections with it. So that is turned off: the
application starts once, with the execution environment, and is stopped with it.
"""

import asyncio
import atexit
import logging
import signal
import sys

from mangum import Mangum
from starlette.types import Receive, Scope, Send

from app.main import app

# All invocations run on one event loop, which is where the connections belong.
runner = asyncio.Runner()
lifespan = app.router.lifespan_context(app)
state = runner.run(lifespan.__aenter__())


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand each request what the lifespan has opened, as a server does."""
    await app({**scope, "state": dict(state or {})}, receive, send)


def stop() -> None:
    """Close what the lifespan has opened."""
    runner.run(lifespan.__aexit__(None, None, None))
    runner.close()


atexit.register(stop)
# Lambda sends it to environments that have an extension, and gives them 300 milliseconds.
signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
# The application writes one line for each request itself.
logging.getLogger("mangum.http").setLevel(logging.WARNING)
# Everything of JSON is text, problem details too; what is not would be sent in base64.
handler = Mangum(serve, lifespan="off", text_mime_types=["text/", "json"])
