"""HTTP triggers of the sample app."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
import requests

from devhost.web import full_route
from devhost.worker import Function
from tests.devhost.running import RunningHost


def raw_get(host: RunningHost, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host.url.removeprefix("http://"), timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_a_reply_has_status_headers_and_cookies(host: RunningHost) -> None:
    reply = host.get("/api/echo/x")
    assert (reply.status_code, reply.headers["X-Extra"], reply.cookies["a"]) == (201, "1", "b")


def test_a_function_sees_method_body_and_its_own_name(host: RunningHost) -> None:
    seen = host.post("/api/echo/x", data="ä".encode()).json()
    assert (seen["method"], seen["body"], seen["function"]) == ("POST", "ä", "echo")


def test_headers_are_lower_case_and_repeated_ones_joined(host: RunningHost) -> None:
    connection = http.client.HTTPConnection(host.url.removeprefix("http://"), timeout=10)
    connection.putrequest("GET", "/api/echo/x")
    connection.putheader("X-Many", "1")
    connection.putheader("x-many", "2")
    connection.endheaders()
    body = connection.getresponse().read()
    connection.close()
    assert b'"x-many": "1,2"' in body


def test_repeated_query_values_are_joined_and_empty_ones_dropped(host: RunningHost) -> None:
    assert host.get("/api/echo/x?a=1&a=2&b=&c=%20").json()["query"] == {"a": "1,2", "c": " "}


def test_a_chunked_body_arrives_empty(host: RunningHost) -> None:
    assert host.post("/api/echo/x", data=iter([b"lost"])).json()["body"] == ""


def test_an_encoded_slash_stays_encoded_in_its_segment(host: RunningHost) -> None:
    assert raw_get(host, "/api/named/a%2Fb%20c") == (200, b'"a%2Fb c"')


def test_a_literal_wins_over_a_parameter(host: RunningHost) -> None:
    assert host.get("/api/items/first").json() == {"item": "the first"}


def test_a_constraint_decides_over_a_route(host: RunningHost) -> None:
    assert (host.get("/api/items/12").status_code, host.get("/api/items/x").status_code) == (200, 404)


def test_another_method_is_not_allowed(host: RunningHost) -> None:
    assert host.post("/api/items/12").status_code == 405


def test_an_unknown_path_is_not_found(host: RunningHost) -> None:
    assert host.get("/api/nothing").status_code == 404


def test_a_null_in_a_path_is_a_bad_request(host: RunningHost) -> None:
    assert raw_get(host, "/api/named/a%00b")[0] == 400


def test_an_exception_is_an_empty_500(host: RunningHost) -> None:
    reply = host.get("/api/boom")
    assert (reply.status_code, reply.content) == (500, b"")


def test_an_exception_is_logged_once_with_its_traceback(host: RunningHost) -> None:
    host.get("/api/boom")
    before = host.log.read_text().count("KeyError: 'boom'")
    host.get("/api/boom")
    log = host.log.read_text()
    assert (log.count("KeyError: 'boom'") - before, "Native invocation failed" in log) == (1, False)


def test_a_body_over_100_megabytes_is_refused(host: RunningHost) -> None:
    connection = http.client.HTTPConnection(host.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/api/echo/x")
    connection.putheader("Content-Length", str(100 * 1024 * 1024 + 1))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    assert status == 413


def test_async_and_sync_functions_run_side_by_side(host: RunningHost) -> None:
    paths = ["/api/sleep?seconds=0.5", "/api/sleep-async?seconds=0.5"] * 10
    began = perf_counter()
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda path: raw_get(host, path)[0], paths))
    assert (set(replies), perf_counter() - began < 5) == ({200}, True)


def test_a_function_without_a_right_key_is_unauthorized(host: RunningHost) -> None:
    replies = [requests.post(f"{host.url}/api/start/fan_out?code={key}", json={}, timeout=10) for key in ("", "odd")]
    assert [reply.status_code for reply in replies] == [401, 401]


def test_a_host_key_opens_functions_but_not_admin_ones(host: RunningHost) -> None:
    headers = {"x-functions-key": "host-key"}
    started = requests.post(f"{host.url}/api/start/fan_out", json={}, headers=headers, timeout=10)
    setting = requests.get(f"{host.url}/api/setting/SAMPLE_HUB", headers=headers, timeout=10)
    assert (started.status_code, setting.status_code) == (202, 401)


def test_anonymous_functions_need_no_key(host: RunningHost) -> None:
    assert requests.get(f"{host.url}/api/items/1", timeout=10).status_code == 200


def test_a_function_sees_the_apps_settings(host: RunningHost) -> None:
    assert host.get("/api/setting/SAMPLE_HUB").json() == "SampleHub"


@pytest.mark.parametrize(
    ("prefix", "route", "full"),
    [("api", "items/{id}", "api/items/{id}"), ("", "/items", "items"), ("api", None, "api/job"), ("", "/", "")],
)
def test_a_route_has_the_prefix(prefix: str, route: str | None, full: str) -> None:
    binding = {"name": "req", "type": "httpTrigger", "direction": "IN", "route": route}
    assert full_route(Function("job", "job", (binding,)), prefix) == full
