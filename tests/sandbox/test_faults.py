"""Every effect of the fault plan, and on which calls it falls."""

import re
from typing import Any

import pytest
import requests

from sandbox.control import ControlError
from tests.sandbox.clients import Caller


def codes(caller: Caller, count: int) -> list[int]:
    return [caller.get("vendors", top="1").status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({"nth": 2}, [200, 503, 200, 200]),
        ({"next": 2}, [503, 503, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503]),
        ({}, [503, 503, 503, 503]),
        ({"match": "/items"}, [200, 200, 200, 200]),
        ({"match": r"\$top=1$"}, [503, 503, 503, 503]),
    ],
)
def test_a_fault_hits_the_planned_calls(caller: Caller, plan: dict[str, Any], expected: list[int]) -> None:
    caller.control.fault(**plan)
    assert codes(caller, 4) == expected


def test_cleared_faults_are_gone(caller: Caller) -> None:
    caller.control.fault()
    caller.control.clear_faults()
    assert codes(caller, 1) == [200]


def test_faults_report_their_calls_and_hits(caller: Caller) -> None:
    caller.control.fault(every=2)
    codes(caller, 5)
    assert [(each["calls"], each["hits"]) for each in caller.control.faults()] == [(5, 2)]


@pytest.mark.parametrize(
    ("body", "content_type", "start"),
    [
        ("json", "application/json", '{"error"'),
        ("xml", "application/xml", "<error xmlns"),
        ("html", "text/html", "<!DOCTYPE"),
        ("empty", "", ""),
    ],
)
def test_a_status_may_come_with_any_body(caller: Caller, body: str, content_type: str, start: str) -> None:
    caller.control.fault(status=502, body=body, code="X", message="m")
    reply = caller.get("vendors")
    assert (reply.status_code, reply.text[: len(start)]) == (502, start)
    assert reply.headers.get("Content-Type", "").startswith(content_type)


@pytest.mark.parametrize(("form", "pattern"), [("seconds", r"^7$"), ("date", r"^\w{3}, \d\d \w{3} \d{4} .* GMT$")])
def test_a_status_may_carry_retry_after(caller: Caller, form: str, pattern: str) -> None:
    caller.control.fault(status=429, retry_after=7, retry_form=form)
    assert re.search(pattern, caller.get("vendors").headers["Retry-After"])


def test_a_delayed_call_is_answered_late(caller: Caller) -> None:
    caller.control.fault(effect="delay", delay=0.15)
    reply = caller.get("vendors")
    assert (reply.status_code, reply.elapsed.total_seconds() >= 0.15) == (200, True)


def test_a_connection_may_be_reset(caller: Caller) -> None:
    caller.control.fault(effect="reset", nth=1)
    with pytest.raises(requests.ConnectionError):
        caller.get("vendors")
    assert codes(caller, 1) == [200]


def test_a_body_may_be_cut(caller: Caller) -> None:
    caller.control.fault(effect="cut", nth=1, cut_at=100)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        caller.get("vendors")
    assert codes(caller, 1) == [200]


def test_a_content_type_may_be_wrong(caller: Caller) -> None:
    caller.control.fault(effect="content_type", content_type="text/plain")
    assert caller.get("vendors").headers["Content-Type"] == "text/plain"


def test_a_next_link_may_lead_nowhere_else(caller: Caller) -> None:
    caller.control.fault(effect="loop")
    reply = caller.get("vendors", {"Prefer": "odata.maxpagesize=2"})
    assert reply.json()["@odata.nextLink"] == reply.url


def test_a_next_link_may_lead_to_another_host(caller: Caller) -> None:
    caller.control.fault(effect="foreign")
    link = caller.get("vendors", {"Prefer": "odata.maxpagesize=2"}).json()["@odata.nextLink"]
    assert link.startswith("https://api.businesscentral.evil.example/v2.0/")


def test_a_page_may_come_twice(caller: Caller) -> None:
    caller.control.fault(effect="repeat", nth=2)
    ids = [row["id"] for row in caller.walk("vendors", 20)]
    assert (len(ids), len(set(ids)), ids[:20] == ids[20:40]) == (86, 66, True)


def test_rows_may_be_hidden_while_the_count_tells_the_truth(caller: Caller) -> None:
    caller.control.fault(effect="hide", keep=60, match="/vendors")
    assert len(caller.walk("vendors", 50)) == 60
    assert caller.get("vendors/$count").text == "66"
    assert caller.get("vendors", count="true").json()["@odata.count"] == 66


def test_chosen_rows_may_be_left_out_of_lists_and_of_nothing_else(caller: Caller) -> None:
    hidden = caller.walk("vendors", 50)[3]
    caller.control.fault(effect="omit", ids=[hidden["id"]], match=r"/vendors(?!.*number%20eq)")
    assert [row["id"] for row in caller.walk("vendors", 20)].count(hidden["id"]) == 0
    assert caller.get("vendors/$count").text == "66"
    assert caller.get(f"vendors({hidden['id']})").json()["number"] == hidden["number"]
    assert len(caller.get("vendors", filter=f"number eq '{hidden['number']}'").json()["value"]) == 1


def test_a_fault_may_hit_the_token_endpoint(caller: Caller) -> None:
    caller.control.fault(part="entra", status=503, body="html", match="/token$", next=1)
    assert [caller.ask_token().status_code for _ in range(2)] == [503, 200]


def test_a_fault_may_hit_one_principal_only(caller: Caller) -> None:
    caller.control.fault(principal=f"{caller.tenant}/another")
    assert codes(caller, 1) == [200]


def test_the_journal_names_the_fault(caller: Caller) -> None:
    caller.control.fault(effect="status", nth=1)
    codes(caller, 2)
    assert [entry["fault"] for entry in caller.control.journal(part="bc")] == ["status", ""]


@pytest.mark.parametrize("plan", [{"effect": "earthquake"}, {"statsu": 3}, {"match": "("}])
def test_a_fault_that_cannot_be_read_is_refused(caller: Caller, plan: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        caller.control.fault(**plan)
