"""Bounds for what never becomes a request: uvicorn's parser gives it memory and time without end."""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.core.problems import problem_response

MAX_HEAD_SIZE = 32_768
ARRIVAL_SECONDS = 20  # of a head, and of each next part of a body


class BoundedProtocol(HttpToolsProtocol):
    """A connection that ends when the head of a request is too long, or the rest of one does not arrive."""

    unread = 0  # bytes since the last head or part of a body: what the parser keeps
    deadline = 0.0

    def data_received(self, data: bytes) -> None:
        if not self.unread:
            self.deadline = self.loop.time() + ARRIVAL_SECONDS
        self.unread += len(data)
        super().data_received(data)
        if self.unread > MAX_HEAD_SIZE and not self.transport.is_closing():
            self.send_400_response("")
        elif self.unread or (self.cycle and self.cycle.more_body):
            # The timer of idle connections: it stops when more arrives.
            self.timeout_keep_alive_task = self.loop.call_at(self.deadline, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        if self.flow.read_paused:  # the client waits, for the application to read on
            self.timeout_keep_alive_task = self.loop.call_later(ARRIVAL_SECONDS, self.timeout_keep_alive_handler)
        else:  # perhaps since just now: what has arrived meanwhile stops this timer, too
            self.timeout_keep_alive_task = self.loop.call_later(0.1, super().timeout_keep_alive_handler)

    def on_headers_complete(self) -> None:
        # What came with a head may be a body.
        if self.unread > MAX_HEAD_SIZE < len(self.url) + sum(len(name) + len(value) for name, value in self.headers):
            raise ValueError
        self.unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unread = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        code, detail = 400, msg
        if self.unread > MAX_HEAD_SIZE:
            code, detail = 431, f"The head of a request may have at most {MAX_HEAD_SIZE} bytes."
        problem = problem_response("", code, detail=detail, headers={"Connection": "close"})
        head = [name + b": " + value + b"\r\n" for name, value in problem.raw_headers]
        self.transport.write(b"".join([STATUS_LINE[code], *head, b"\r\n", problem.body]))
        self.transport.close()
