"""The console's files through the host."""

import http.client
from urllib.parse import urlsplit

import pytest
import requests

from scripts.stack import Stack

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def fetch(stack: Stack, path: str, method: str = "GET", **headers: str) -> requests.Response:
    """Send a request as a browser would: without a token."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, stack.url + path, headers=given, timeout=30)


def version(stack: Stack) -> str:
    return fetch(stack, "/").text.split("/console/")[1].split("/")[0]


def test_the_root_is_the_console(stack: Stack) -> None:
    page = fetch(stack, "/")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert fetch(stack, "/", If_None_Match=page.headers["ETag"]).status_code == 304


def test_every_file_that_the_page_names_is_there(stack: Stack) -> None:
    named = [part.split('"')[0] for part in fetch(stack, "/").text.split('="')[1:] if part.startswith("/console/")]
    assert {"main.js", "words.js", "overview.js", "base.css", "icon.svg"} <= {name.rsplit("/")[-1] for name in named}
    assert {name: fetch(stack, name).status_code for name in named} == dict.fromkeys(named, 200)


def test_a_head_request_tells_the_size_and_sends_nothing(stack: Stack) -> None:
    path = f"/console/{version(stack)}/app/main.js"
    head, whole = fetch(stack, path, "HEAD"), fetch(stack, path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert head.headers["Content-Encoding"] == "gzip"


def test_the_settings_of_the_sign_in_are_public_and_hold_no_secret(stack: Stack) -> None:
    told = fetch(stack, "/console/config.json").json()["data"]
    assert (told["missing"], set(told)) == ([], {"ancestors", "authority", "clientId", "scope", "missing"})


@pytest.mark.parametrize(
    "path",
    ["/console/{}/../../function_app.py", "/console/{}/%2e%2e/%2e%2e/host.json", "/console/{}/..%2f..%2fhost.json"],
)
def test_no_path_leads_out_of_the_folder(stack: Stack, path: str) -> None:
    place = urlsplit(stack.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.request("GET", path.format(version(stack)))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.status, b"import" in body) == (404, False)
