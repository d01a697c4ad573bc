"""One token request over threads and processes, with the real stores."""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from subprocess import PIPE, run
from threading import Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.azurite

ROOT = Path(__file__).parents[2]
CROWD = ("67", "67", "66")


class TokenServer(ThreadingHTTPServer):
    """Gives out token-1 for a second, then token-2, … for an hour, each after a while."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.numbers = count(1)
        self.given: list[int] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        number = next(self.server.numbers)
        self.server.given.append(number)
        sleep(0.3)
        token = {"access_token": f"token-{number}", "expires_in": 1 if number == 1 else 3600}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(token).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def entra() -> Iterator[TokenServer]:
    with TokenServer() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_two_hundred_callers_in_three_processes_ask_once_when_a_token_ends(entra: TokenServer, azurite: Any) -> None:
    place = (entra.url, azurite.connection_string, f"t{uuid4().hex[:12]}")
    command = [sys.executable, "-m", "tests.connectors.crowd", *place, *CROWD]
    answers = json.loads(run(command, cwd=ROOT, stdout=PIPE, check=True, timeout=90).stdout)
    assert sorted(map(len, answers)) == [66, 67, 67]
    assert {token for answer in answers for token in answer} == {"token-2"}
    assert entra.given == [1, 2]
