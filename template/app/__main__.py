"""Serve the application: `python -m app`, which is what runs in production."""

import signal
import sys

import uvicorn

from app.config import get_settings
from app.core.protocol import BoundedProtocol

# The orchestrator kills after 30 seconds; a proxy in front gives up idle connections after 60.
GRACEFUL_SHUTDOWN_SECONDS = 25
KEEP_ALIVE_SECONDS = 75


def main() -> None:
    """Listen until SIGTERM, finish the requests that are being served, and exit with 0.

    uvicorn reads WEB_CONCURRENCY (worker processes) and FORWARDED_ALLOW_IPS (proxies to believe) itself.
    """
    settings = get_settings()
    # uvicorn raises the signal once more when it has drained.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    uvicorn.run(
        "app.main:app",
        host=settings.host,
        port=settings.port,
        root_path=settings.root_path,
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    main()
