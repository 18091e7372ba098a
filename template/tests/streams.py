"""A client that hears an answer while it is made, may stop to read, and may leave: httpx waits for the end of it."""

import json
from typing import Any

import anyio
from httpx2 import AsyncClient
from starlette.types import Message


class Listener:
    """One request of a client, which `takes` so many messages, and then waits until it may go on."""

    def __init__(self, client: AsyncClient, method: str, url: str, takes: float = float("inf"), **request: Any) -> None:
        self.request = client.build_request(method, url, **request)
        self.app: Any = vars(client._transport)["app"]
        self.takes, self.seconds = takes, 0.0
        self.sent: list[Message] = []
        self.news = anyio.Event()
        self.asked, self.stopped, self.on, self.gone = False, anyio.Event(), anyio.Event(), anyio.Event()

    async def listen(self) -> None:
        """Send the request, and take what comes."""
        url = self.request.url
        scope = {"type": "http", "method": self.request.method, "path": url.path, "query_string": url.query}
        headers = [(name.lower(), value) for name, value in self.request.headers.raw]
        await self.app(scope | {"headers": headers, "scheme": "http", "client": ("test", 1)}, self.receive, self.send)

    async def receive(self) -> Message:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.request.content, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        self.news.set()
        self.news = anyio.Event()
        await anyio.sleep(self.seconds)
        if len(self.sent) >= self.takes:
            self.stopped.set()
            await self.on.wait()

    async def hears(self) -> None:
        """Wait until more has come."""
        await self.news.wait()

    @property
    def text(self) -> str:
        """What has come of the body."""
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def is_complete(self) -> bool:
        """Whether the answer looks as if it were whole."""
        return bool(self.sent) and not self.sent[-1].get("more_body", True)


def events(text: str) -> list[tuple[str, Any]]:
    """Read a stream of events: the name and the data of each."""
    found = [dict(line.split(": ", 1) for line in event.splitlines()) for event in text.strip().split("\n\n")]
    return [(event["event"], json.loads(event["data"])) for event in found if "event" in event]
