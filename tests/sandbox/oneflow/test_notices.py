"""Notices: thin, signed, silent for drafts, ten attempts, and only 200 ends them."""

from hashlib import sha1

import pytest

from tests.sandbox.ears import Ear, until
from tests.sandbox.oneflow.kit import Caller, kinds, told

PAUSES = (1, 5, 10, 30, 60, 300, 600, 1800, 3600)


@pytest.fixture
def watched(flow: Caller, ear: Ear) -> Caller:
    flow.hook(ear)
    return flow


def attempts(flow: Caller, count: int) -> list[tuple[int, int]]:
    """Wait for so many attempts; number and status of each."""
    found = until(flow.oneflow.notices, lambda sent: len(sent) >= count)
    return [(each["attempt"], each["status"]) for each in found]


def test_a_notice_names_the_contract_and_its_events_and_nothing_more(watched: Caller, ear: Ear) -> None:
    contract = watched.sent(topic="secret of the deal")
    [notice] = told(ear)
    assert (notice["contract"], kinds(notice)) == ({"id": contract}, ["contract:publish"])
    assert b"secret of the deal" not in ear.heard[0].body


def test_a_notice_is_signed_by_its_callback_id_and_the_key(watched: Caller, ear: Ear) -> None:
    watched.sent()
    [notice] = told(ear)
    signed = f"{notice['callback_id']}test-sign-key".encode()
    assert notice["signature"] == sha1(signed, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(("switch", "expected"), [("hash", 40), ("empty", 0), ("absent", None)])
def test_without_a_key_the_signature_is_what_was_switched(
    flow: Caller, ear: Ear, switch: str, expected: int | None
) -> None:
    flow.oneflow.set_switch(unsigned=switch)
    flow.hook(ear, sign_key=None)
    flow.sent()
    signature = told(ear)[0].get("signature")
    assert (None if signature is None else len(signature)) == expected


def test_drafts_are_silent(watched: Caller, ear: Ear) -> None:
    contract = watched.draft()
    watched.oneflow.edit(contract, topic="T")
    watched.done("DELETE", f"/contracts/{contract}")
    sent = watched.sent()
    assert [each["contract"]["id"] for each in told(ear)] == [sent]


def test_drafts_speak_where_switched(watched: Caller, ear: Ear) -> None:
    watched.oneflow.set_switch(draft_events="sent")
    watched.draft()
    assert kinds(told(ear)[0]) == ["contract:create"]


def test_a_write_through_the_api_comes_back_as_an_event(watched: Caller, ear: Ear) -> None:
    contract = watched.sent()
    watched.put(contract, "topic", "T")
    assert kinds(told(ear, 2)[1]) == ["data_field:update", "contract:content_update"]


def test_an_echo_can_be_switched_off_and_people_are_still_heard(watched: Caller, ear: Ear) -> None:
    watched.oneflow.set_switch(echo="absent")
    contract = watched.sent()
    watched.put(contract, "topic", "ours")
    watched.oneflow.edit(contract, stage="theirs")
    assert [kinds(each) for each in told(ear, 2)][1] == ["data_field:update", "contract:content_update"]
    assert watched.oneflow.pending() == []


def test_a_write_of_the_same_value_is_silent(watched: Caller, ear: Ear) -> None:
    contract = watched.sent(topic="T")
    watched.put(contract, "topic", "T")
    watched.oneflow.act(contract, "decline")
    assert kinds(told(ear, 2)[1])[-1] == "contract:decline"


def test_the_events_of_one_act_come_one_by_one_where_switched(watched: Caller, ear: Ear) -> None:
    watched.oneflow.set_switch(notice_events="single")
    contract = watched.sent()
    watched.oneflow.edit(contract, topic="T", stage="S")
    assert [kinds(each) for each in told(ear, 4)[1:]] == [
        ["data_field:update"],
        ["data_field:update"],
        ["contract:content_update"],
    ]


def test_a_notice_is_tried_ten_times_with_the_same_callback_id(watched: Caller, ear: Ear) -> None:
    ear.answer(status=500)
    watched.sent()
    for count, pause in enumerate(PAUSES, 1):
        attempts(watched, count)
        watched.control.clock(advance=pause)
    assert attempts(watched, 10) == [(number, 500) for number in range(1, 11)]
    watched.control.clock(advance=100_000)
    assert (watched.oneflow.pending(), len({each["callback_id"] for each in told(ear, 10)})) == ([], 1)


def test_an_attempt_is_not_made_before_its_pause_is_over(watched: Caller, ear: Ear) -> None:
    ear.answer(status=500)
    watched.sent()
    attempts(watched, 1)
    until(watched.oneflow.pending, bool)
    watched.control.clock(advance=0.9)
    watched.put(watched.draft(), "topic", "T")
    assert len(attempts(watched, 1)) == 1


@pytest.mark.parametrize("status", [201, 202, 204, 302, 404])
def test_only_200_ends_the_attempts(watched: Caller, ear: Ear, status: int) -> None:
    ear.answer(status=status)
    watched.sent()
    attempts(watched, 1)
    ear.answer(status=200)
    until(watched.oneflow.pending, bool)
    watched.control.clock(advance=1)
    assert attempts(watched, 2) == [(1, status), (2, 200)]
    assert watched.oneflow.pending() == []


def test_the_pauses_can_be_scaled(watched: Caller, ear: Ear) -> None:
    watched.oneflow.set_switch(retry_scale=0)
    ear.answer(status=500)
    watched.sent()
    assert len(attempts(watched, 10)) == 10


def test_a_notice_can_be_lost(watched: Caller, ear: Ear) -> None:
    watched.control.fault(part="oneflow-notice", effect="lose", next=1)
    contract = watched.sent()
    assert attempts(watched, 1) == [(1, 0)]
    watched.oneflow.edit(contract, topic="T")
    assert kinds(told(ear)[0])[0] == "data_field:update"
    assert watched.oneflow.pending() == []


def test_a_notice_can_come_twice(watched: Caller, ear: Ear) -> None:
    watched.control.fault(part="oneflow-notice", effect="twice", next=1)
    watched.sent()
    first, second = told(ear, 2)
    assert first == second


def test_notices_can_overtake_each_other(watched: Caller, ear: Ear) -> None:
    watched.oneflow.hold()
    first, second = watched.sent(), watched.sent()
    assert watched.oneflow.release("reversed") == 2
    assert [each["contract"]["id"] for each in told(ear, 2)] == [second, first]


def test_the_events_of_a_notice_can_be_reversed(watched: Caller, ear: Ear) -> None:
    contract = watched.sent()
    told(ear)
    watched.control.fault(part="oneflow-notice", effect="reverse")
    watched.oneflow.edit(contract, topic="T")
    assert kinds(told(ear, 2)[1]) == ["contract:content_update", "data_field:update"]


def test_a_removed_webhook_hears_nothing_more(watched: Caller, ear: Ear) -> None:
    ear.answer(status=500)
    watched.sent()
    attempts(watched, 1)
    until(watched.oneflow.pending, bool)
    watched.oneflow.kill_webhooks()
    watched.control.clock(advance=1)
    until(watched.oneflow.pending, lambda waiting: not waiting)
    assert len(ear.heard) == 1


def test_the_end_of_a_signing_period_is_told(watched: Caller, ear: Ear) -> None:
    contract = watched.sent()
    watched.control.clock(advance=31 * 86_400)
    watched.get(f"/contracts/{contract}")
    assert kinds(told(ear, 2)[1]) == ["contract:signing_period_expire"]
