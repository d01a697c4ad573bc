"""A server may close an idle connection at the very moment at which a request goes out on it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from sync.storage.connection import PatientAdapter

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Accept one connection for each answer; an empty answer closes it without a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(65_536))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        thread.join(5)
        listener.close()


def post(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", PatientAdapter())
        return session.post(url, data=b"x", timeout=5)


def test_a_request_that_met_a_closed_connection_is_sent_once_more() -> None:
    with server(b"", REPLY) as (url, heard):
        assert (post(url).text, len(heard)) == ("ok", 2)


def test_a_server_that_closes_every_connection_is_an_error() -> None:
    with server(b"", b"") as (url, _), pytest.raises(requests.ConnectionError):
        post(url)


def test_a_server_that_is_not_there_is_not_asked_twice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(requests.ConnectionError):
        post(url)
