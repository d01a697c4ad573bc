"""A receiver of webhooks on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(slots=True)
class Receiver:
    """A server that notes what it gets, and answers as planned, then with its usual answer."""

    url: str = ""
    planned: list[int] = field(default_factory=list)
    usual: int = 204
    words: bytes = b""
    """What stands in its answers that are no 204."""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def events(self, kind: str) -> list[Any]:
        """Return what came of one type."""
        return [event for _, body in self.got if (event := json.loads(body))["type"] == kind]

    def ids(self, kind: str) -> list[str]:
        """Return the webhook ids of what came of one type."""
        return [headers["webhook-id"] for headers, body in self.got if json.loads(body)["type"] == kind]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = told.planned.pop(0) if told.planned else told.usual
            self.send_response(status)
            self.end_headers()
            if status != 204:
                self.wfile.write(told.words)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/hooks"
    yield told
    server.shutdown()
    server.server_close()
