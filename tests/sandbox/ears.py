"""Something that listens for what the simulated systems send."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    method: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def notices(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["value"])


@dataclass(slots=True)
class Ear:
    """A loopback server that answers a handshake with its token, and notices as it is told."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    status: int = 200
    echo: bool = True
    _server: Any = None

    def answer(self, *, status: int = 200, echo: bool = True) -> None:
        """Answer this from now on."""
        self.status, self.echo = status, echo

    @property
    def batches(self) -> list[list[dict[str, Any]]]:
        """What was told, without the handshakes."""
        return [each.notices for each in self.heard if "validationToken" not in each.query]

    def told(self, batches: int = 1, seconds: float = 30) -> list[list[dict[str, Any]]]:
        """Wait for so many batches and return them."""
        return until(lambda: self.batches, lambda found: len(found) >= batches, seconds)

    def __enter__(self) -> Self:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                query = parse_qs(urlsplit(self.path).query)
                headers = {name.lower(): value for name, value in self.headers.items()}
                ear.heard.append(Heard(self.command, query, headers, self.rfile.read(length)))
                self.send_response(ear.status)
                self.end_headers()
                if ear.echo and "validationToken" in query:
                    self.wfile.write(query["validationToken"][0].encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def until[T](ask: Callable[[], T], good: Callable[[T], object], seconds: float = 30) -> T:
    """Ask until the answer is good; fail when it is not in time."""
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.01)
    return answer
