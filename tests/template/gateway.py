"""Stand in for API Gateway and Lambda's runtime: python gateway.py PORT MODULE.HANDLER, in what was packaged."""

import base64
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pkgutil import resolve_name
from urllib.parse import urlsplit

sys.path.insert(0, ".")
handler = resolve_name(":".join(sys.argv[2].rsplit(".", 1)))


class Gateway(BaseHTTPRequestHandler):
    """One invocation for each request, one after the other."""

    def do_any(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        http = {"method": self.command, "path": url.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": url.path,
            "rawQueryString": url.query,
            "headers": {name.lower(): value for name, value in self.headers.items() if name.lower() != "cookie"},
            "cookies": self.headers.get("Cookie", "").split("; "),
            "requestContext": {"http": http, "stage": "$default", "requestId": "1"},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        answer = handler(event, None)
        text = answer["body"].encode()
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            if name != "content-length":
                self.send_header(name, value)
        for cookie in answer.get("cookies", ()):
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(base64.b64decode(text) if answer["isBase64Encoded"] else text)

    do_GET = do_POST = do_PATCH = do_DELETE = do_any  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Leave the log to the application."""


with HTTPServer(("127.0.0.1", int(sys.argv[1])), Gateway) as server:
    server.serve_forever()
