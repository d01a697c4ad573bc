"""Notices of changes: late, in batches, again when nobody answers, never again after a wrong answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.clients import Caller
from tests.sandbox.ears import Ear, until
from tests.sandbox.test_subscriptions import made


@pytest.fixture
def ear(caller: Caller) -> Iterator[Ear]:
    caller.control.clock(freeze=True)
    with Ear() as ear:
        yield ear


@pytest.fixture
def watched(caller: Caller, ear: Ear) -> Caller:
    made(caller, ear.url)
    return caller


def vendor(caller: Caller, number: str = "V-1", **more: Any) -> str:
    values = {"number": number, "displayName": number}
    return str(caller.control.put_row("vendors", values, company=caller.company_id, **more)["id"])


def pass_by(caller: Caller, seconds: float = 31) -> None:
    caller.control.clock(advance=seconds)


def kinds(batch: list[dict[str, Any]]) -> list[str]:
    return [each["changeType"] for each in batch]


def statuses(caller: Caller, count: int) -> list[int]:
    return [each["status"] for each in until(caller.control.notices, lambda found: len(found) >= count)]


def test_a_change_is_told_thirty_seconds_later(watched: Caller, ear: Ear) -> None:
    row = vendor(watched)
    pass_by(watched, 29)
    assert ear.batches == []
    pass_by(watched, 2)
    [[notice]] = ear.told()
    assert (notice["changeType"], notice["clientState"]) == ("created", "a secret")
    assert notice["resource"] == f"api/v2.0/companies({watched.company_id})/vendors({row})"
    assert set(notice) == {
        *("subscriptionId", "clientState", "expirationDateTime", "resource", "changeType", "lastModifiedDateTime"),
    }


def test_a_batch_comes_as_plain_json_with_its_correlation(watched: Caller, ear: Ear) -> None:
    vendor(watched)
    pass_by(watched)
    ear.told()
    sent = ear.heard[-1].headers
    assert sent["content-type"] == "application/json"
    assert sent["clientrequestid"] == sent["x-ms-correlation-id"]


@pytest.mark.parametrize(("switch", "start"), [("absent", "api/"), ("present", "/api/"), ("absolute", "https://")])
def test_the_resource_is_written_in_one_of_three_ways(watched: Caller, ear: Ear, switch: str, start: str) -> None:
    watched.control.set_switch(notice_resource=switch)
    vendor(watched)
    pass_by(watched)
    assert ear.told()[0][0]["resource"].startswith(start)


def test_updates_of_one_row_are_told_once_and_a_deletion_as_such(watched: Caller, ear: Ear) -> None:
    row = watched.values("vendors", "id")[0]
    for name in "abc":
        pass_by(watched, 1)
        watched.control.patch_row("vendors", {"displayName": name}, id=row, company=watched.company_id)
    watched.control.delete_row("vendors", id=row, company=watched.company_id)
    pass_by(watched)
    assert kinds(ear.told()[0]) == ["updated", "deleted"]


def test_a_change_that_changes_no_time_is_not_told(watched: Caller, ear: Ear) -> None:
    row = watched.values("vendors", "id")[0]
    watched.control.patch_row("vendors", {"city": "x"}, id=row, company=watched.company_id, modified="keep")
    vendor(watched)
    pass_by(watched)
    assert kinds(ear.told()[0]) == ["created"]


def test_changes_of_other_sets_and_companies_are_not_told(watched: Caller, ear: Ear) -> None:
    watched.control.touch("items", 1, company=watched.company_id)
    watched.control.touch("vendors", 1, company="contoso")
    vendor(watched)
    pass_by(watched)
    assert len(ear.told()[0]) == 1


def test_what_is_rolled_back_is_never_told_and_a_commit_tells(watched: Caller, ear: Ear) -> None:
    vendor(watched, "V-1", transaction="t1")
    vendor(watched, "V-2", transaction="t2")
    watched.control.rollback("t1")
    watched.control.change({"op": "commit", "transaction": "t2"})
    pass_by(watched)
    assert len(ear.told()[0]) == 1


def test_subscriptions_of_one_address_share_a_batch(watched: Caller, ear: Ear) -> None:
    made(watched, ear.url, resource=f"/api/v2.0/companies({watched.company_id})/items")
    vendor(watched)
    watched.control.touch("items", 2, company=watched.company_id)
    pass_by(watched)
    assert kinds(ear.told()[0]) == ["created", "updated", "updated"]


def test_more_changes_than_the_limit_are_told_as_a_collection(watched: Caller, ear: Ear) -> None:
    watched.control.set_switch(notice_limit=3)
    watched.control.touch("vendors", 4, company=watched.company_id)
    pass_by(watched)
    [[notice]] = ear.told()
    assert notice["changeType"] == "collection"
    assert "/vendors?$filter=lastModifiedDateTime%20gt%20" in notice["resource"]


def test_a_collection_with_a_deletion_has_no_filter(watched: Caller, ear: Ear) -> None:
    watched.control.set_switch(notice_limit=1)
    rows = watched.values("vendors", "id")
    watched.control.delete_row("vendors", id=rows[0], company=watched.company_id)
    vendor(watched)
    pass_by(watched)
    assert ear.told()[0][0]["resource"].endswith("/vendors")


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_batch_that_may_be_sent_again_is_sent_again(watched: Caller, ear: Ear, status: int) -> None:
    ear.answer(status=status)
    vendor(watched)
    pass_by(watched)
    assert statuses(watched, 1) == [status]
    ear.answer(status=202)
    pass_by(watched, 61)
    first, second = ear.told(2)
    assert first == second
    assert statuses(watched, 2) == [status, 202]


def test_after_six_failures_the_subscription_is_gone(watched: Caller, ear: Ear) -> None:
    ear.answer(status=500)
    vendor(watched)
    for attempt, seconds in enumerate((31, 61, 61, 601, 6001, 60_001), 1):
        assert len(watched.control.subscriptions()) == 1
        pass_by(watched, seconds)
        statuses(watched, attempt)
    until(watched.control.subscriptions, lambda found: found == [])


@pytest.mark.parametrize("status", [302, 400, 401, 404, 413])
def test_any_other_answer_ends_all_subscriptions_of_the_address(watched: Caller, ear: Ear, status: int) -> None:
    made(watched, ear.url, resource=f"/api/v2.0/companies({watched.company_id})/items")
    ear.answer(status=status)
    vendor(watched)
    pass_by(watched)
    until(watched.control.subscriptions, lambda found: found == [])


def test_a_lost_batch_never_arrives(watched: Caller, ear: Ear) -> None:
    watched.control.fault(part="notice", effect="lose", next=1)
    vendor(watched, "V-1")
    pass_by(watched)
    statuses(watched, 1)
    vendor(watched, "V-2")
    pass_by(watched)
    assert [len(batch) for batch in ear.told()] == [1]


def test_a_batch_may_come_twice_or_the_wrong_way_round(watched: Caller, ear: Ear) -> None:
    watched.control.fault(part="notice", effect="twice", nth=1)
    watched.control.fault(part="notice", effect="reverse", nth=2)
    vendor(watched)
    pass_by(watched)
    first, again = ear.told(2)
    assert first == again
    vendor(watched, "V-2")
    watched.control.touch("vendors", 1, company=watched.company_id)
    pass_by(watched)
    assert kinds(ear.told(3)[2]) == ["updated", "created"]


def test_nothing_is_told_after_the_end(watched: Caller, ear: Ear) -> None:
    vendor(watched, "V-1")
    watched.control.kill_subscriptions()
    made(watched, ear.url)
    vendor(watched, "V-2")
    pass_by(watched)
    assert [len(batch) for batch in ear.told()] == [1]
