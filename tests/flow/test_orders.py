"""What callers may send: malformed, too large, of another type, or well-formed and not acceptable."""

from typing import Any

import pytest
import requests

from scripts.client import Answer
from tests.flow.kit import SEEN, Caller, Connector, Site, pointers, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

BAD_INTEGRATIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a schedule of five fields": ({"schedule": "*/15 * * * *"}, {"/schedule"}),
    "a schedule that is none": ({"schedule": "every minute"}, {"/schedule"}),
    "a schedule with second 60": ({"schedule": "60 * * * * *"}, {"/schedule"}),
    "an unknown kind": ({"kind": "sap"}, {"/kind"}),
    "a kind of another type": ({"kind": 7}, {"/kind"}),
    "a blank name": ({"name": "  "}, {"/name"}),
    "a name of null": ({"name": None}, {"/name"}),
    "an unknown member": ({"nmae": "x"}, {"/nmae"}),
    "a connection that is a text": ({"connection": "x"}, {"/connection"}),
    "a page size that is too small": ({"settings": {"pageSize": 5}}, {"/settings/pageSize"}),
    "settings that are a list": ({"settings": []}, {"/settings"}),
}
BAD_CONNECTIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a company that is no id": ({"companyId": "CRONUS"}, {"/connection/companyId"}),
    "a client that is no id": ({"clientId": "hub"}, {"/connection/clientId"}),
    "a missing tenant": ({"tenantId": None}, {"/connection/tenantId"}),
    "a missing secret": ({"clientSecret": None}, {"/connection/clientSecret"}),
    "an empty secret": ({"clientSecret": ""}, {"/connection/clientSecret"}),
    "an unknown grant": ({"grant": "password"}, {"/connection/grant"}),
    "an environment that leads elsewhere": ({"environment": "../x"}, {"/connection/environment"}),
    "two things": ({"tenantId": "x y", "grant": 1}, {"/connection/tenantId", "/connection/grant"}),
}
BAD_SYNCS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a time without a zone": ({"modifiedSince": "2024-01-15T00:00:00"}, {"/modifiedSince"}),
    "a date": ({"modifiedSince": "2024-01-15"}, {"/modifiedSince"}),
    "a time that is none": ({"modifiedSince": "yesterday"}, {"/modifiedSince"}),
    "a time that is a number": ({"modifiedSince": 1_700_000_000}, {"/modifiedSince"}),
    "no entities": ({"entities": []}, {"/entities"}),
    "an unknown entity": ({"entities": ["suppliers", "contracts"]}, {"/entities/1"}),
    "an unknown mode": ({"mode": "fast"}, {"/mode"}),
    "a mode with a time": ({"mode": "delta", "modifiedSince": "2024-01-15T00:00:00Z"}, {"/mode"}),
    "an unknown member": ({"modifiedsince": "2024-01-15T00:00:00Z"}, {"/modifiedsince"}),
    "several things": ({"mode": "fast", "entities": []}, {"/mode", "/entities"}),
}
BAD_RECORDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no name": ({"city": "Lund"}, {"/name"}),
    "a blank name": ({"name": " "}, {"/name"}),
    "an unknown field": ({"name": "x", "colour": "red"}, {"/colour"}),
    "the sync's own field": ({"name": "x", "syncStatus": "synced"}, {"/syncStatus"}),
    "a number for a text": ({"name": "x", "city": 7}, {"/city"}),
    "a text that is too long": ({"name": "x" * 101}, {"/name"}),
    "custom that is a list": ({"name": "x", "custom": []}, {"/custom"}),
    "several things": ({"city": 7, "colour": "red"}, {"/name", "/city", "/colour"}),
}
CREATING = ["/api/integrations", "{site}/suppliers", "{site}/products", "{site}/dynamics/sync"]


def send(caller: Caller, path: str, body: bytes, content_type: str = "application/json") -> Answer:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": content_type}
        reply = session.post(caller.url + path, data=body, headers=headers, timeout=60)
    SEEN.append(reply.text)
    return Answer(reply.status_code, dict(reply.headers), reply.json())


@pytest.mark.parametrize("path", CREATING)
@pytest.mark.parametrize("body", [b"{", b"not json", b'{"a": NaN}', b"\xff\xfe"])
def test_a_body_that_is_not_json_is_400(library: Site, path: str, body: bytes) -> None:
    answer = send(library.hub, path.replace("{site}", library.path()), body)
    assert problem(answer, 400)["retryable"] is False


@pytest.mark.parametrize("path", CREATING)
def test_a_body_that_is_too_large_is_413(library: Site, path: str) -> None:
    problem(send(library.hub, path.replace("{site}", library.path()), b'"' + b"x" * 1_100_000 + b'"'), 413)


@pytest.mark.parametrize("path", CREATING)
def test_a_body_of_another_type_is_415(library: Site, path: str) -> None:
    problem(send(library.hub, path.replace("{site}", library.path()), b"<a/>", "text/xml"), 415)


@pytest.mark.parametrize("path", CREATING)
@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7"])
def test_a_body_that_is_no_object_is_422(library: Site, path: str, body: bytes) -> None:
    problem(send(library.hub, path.replace("{site}", library.path()), body), 422)


def test_a_missing_body_is_400_where_one_is_needed(library: Site) -> None:
    problem(library.hub.call("POST", "/api/integrations"), 400)


@pytest.mark.parametrize("what", BAD_INTEGRATIONS)
def test_an_integration_is_refused_for(connector: Connector, alice: Caller, what: str) -> None:
    wrong, where = BAD_INTEGRATIONS[what]
    assert pointers(alice.call("POST", "/api/integrations", connector.order() | wrong)) == where
    assert alice.get("/api/integrations") == []


@pytest.mark.parametrize("what", BAD_CONNECTIONS)
def test_a_connection_is_refused_for(connector: Connector, alice: Caller, what: str) -> None:
    wrong, where = BAD_CONNECTIONS[what]
    assert pointers(alice.call("POST", "/api/integrations", connector.order(**wrong))) == where


def test_every_problem_of_an_order_is_told_at_once(alice: Caller) -> None:
    answer = alice.call("POST", "/api/integrations", {"schedule": "x", "connection": {"tenantId": ""}})
    connection = {f"/connection/{name}" for name in ("tenantId", "clientId", "clientSecret")}
    assert pointers(answer) == {"/name", "/kind", "/schedule", *connection}


@pytest.mark.parametrize("what", BAD_SYNCS)
def test_a_sync_is_refused_for(library: Site, what: str) -> None:
    wrong, where = BAD_SYNCS[what]
    assert pointers(library.try_sync(wrong)) == where


@pytest.mark.parametrize("what", BAD_RECORDS)
def test_a_record_is_refused_for(library: Site, what: str) -> None:
    wrong, where = BAD_RECORDS[what]
    assert pointers(library.call("POST", "/suppliers", wrong)) == where


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("/suppliers?syncStatus=lost", "/syncStatus"),
        ("/suppliers?syncStatus=", "/syncStatus"),
        ("/suppliers?updatedSince=2024-01-15T00:00:00", "/updatedSince"),
        ("/sync-logs?entityType=VENDOR", "/entityType"),
        ("/sync-logs?status=OK", "/status"),
        ("/sync-logs?from=yesterday", "/from"),
        ("/sync-logs?to=2024-01-15T00:00:00", "/to"),
    ],
)
def test_a_filter_is_refused_for(library: Site, query: str, where: str) -> None:
    assert pointers(library.call("GET", query)) == {where}


def test_a_problem_names_its_instance_and_a_trace_of_its_own(library: Site) -> None:
    first, second = (problem(library.call("GET", "/runs/run_nothing"), 404) for _ in range(2))
    assert first["instance"] == library.path("/runs/run_nothing")
    assert first["traceId"] != second["traceId"]


def test_the_trace_of_the_caller_is_taken_over(library: Site) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = library.call("GET", "/runs/run_nothing", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    assert answer.body["traceId"] == trace


@pytest.mark.parametrize(
    "rest",
    ["/runs/run_nothing", "/runs/run_nothing/errors", "/suppliers/nothing", "/products/x%2Fy", "/suppliers/%E2%80%AE"],
)
def test_what_is_not_there_is_404(library: Site, rest: str) -> None:
    problem(library.call("GET", rest), 404, "NOT_FOUND")


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_a_run_that_is_not_there_cannot_be_touched(library: Site, verb: str) -> None:
    problem(library.call("POST", f"/runs/run_nothing/{verb}"), 404)
