"""What happens to contracts is told: written on either side, in conflict, no longer let in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model.errors import ConsentError, SetupError
from sync.model.integration import Status
from sync.model.webhook import EventType
from sync.services import contests
from sync.services.bridge_standing import watched
from sync.services.contests import Winner
from sync.services.contract_events import announce_contests
from tests.support.listening import Ears
from tests.support.mail import Ear, PostOffice
from tests.support.two_sides import CONTRACT, RECORD, Sides, pair


def heard(*events: EventType) -> tuple[Sides, Ear]:
    """Return a contract that is heard of."""
    sides, ear = Sides((pair(), pair("amount_text", "f_amount"))), Ear()
    ear.events = frozenset(events) if events else ear.events
    sides.desk = replace(sides.desk, outbox=ear)
    return sides, ear


def test_what_was_written_is_told_without_values() -> None:
    sides, ear = heard()
    sides.edit(oneflow="new")
    sides.fetch()
    (event,) = ear.told
    assert (event.type, event.integration_id) == (EventType.CONTRACT_SYNCED, sides.bridge.id)
    assert event.data == {
        "contractId": str(CONTRACT),
        "entity": "opportunity",
        "recordId": RECORD,
        "trigger": "manual",
        "action": "FETCH",
        "status": "SUCCESS",
        "fields": [{"field": "name", "oneflowField": "f_name"}],
    }


def test_what_was_written_leaves_when_the_link_remembers_it() -> None:
    sides, ear = heard(EventType.CONTRACT_SYNCED)
    seen: list[bool] = []
    ear.leaving = lambda: seen.append(sides.memory.value == "new")
    sides.edit(oneflow="new")
    sides.fetch()
    assert seen == [True]


def test_a_settled_conflict_is_told_with_its_field() -> None:
    sides, ear = heard(EventType.CONTRACT_SYNCED)
    seen: list[bool] = []
    ear.leaving = lambda: seen.append(sides.memory.conflict is None)
    sides.edit(dynamics="ours", oneflow="theirs")
    sides.merge()
    (known,) = contests.listed(sides.desk, sides.bridge, cursor=None, limit=9).items
    contests.resolve(sides.desk, sides.bridge, known, Winner.ONEFLOW, by="somebody")
    (event,) = ear.told
    assert (event.data["action"], event.data["fields"], seen) == (
        "RESOLVE",
        [{"field": "name", "oneflowField": "f_name"}],
        [True],
    )


def test_each_direction_is_told() -> None:
    sides, ear = heard(EventType.CONTRACT_SYNCED)
    sides.edit(dynamics="new")
    sides.push()
    sides.edit(oneflow="newer")
    sides.merge()
    assert [(each.data["action"], each.data["trigger"]) for each in ear.told] == [
        ("PUSH", "manual"),
        ("FETCH", "webhook"),
    ]


def test_a_merge_that_writes_nothing_tells_nothing() -> None:
    sides, ear = heard()
    sides.push()
    sides.merge()
    assert ear.told == []


def test_what_nobody_hears_is_not_told() -> None:
    sides, ear = heard(EventType.SYNC_COMPLETED)
    sides.edit(dynamics="ours", oneflow="theirs")
    sides.merge()
    sides.edit(dynamics="same", oneflow="same")
    sides.merge()
    sides.edit(oneflow="new")
    sides.fetch()
    assert ear.told == []


def test_a_conflict_is_told_before_the_link_remembers_it() -> None:
    sides, ear = heard()
    remembered: list[bool] = []
    ear.before = lambda: remembered.append(sides.memory.conflict is not None)
    sides.edit(dynamics="ours", oneflow="theirs")
    sides.merge()
    (event,) = ear.told
    assert (event.type, event.data["contractId"], event.data["field"]) == (
        EventType.CONFLICT_DETECTED,
        str(CONTRACT),
        "name",
    )
    assert (remembered, event.data["conflicts"]) == ([False], [event.data["conflictId"]])


def test_a_conflict_that_is_met_again_is_the_same_event() -> None:
    sides, ear = heard()
    sides.edit(dynamics="ours", oneflow="theirs")
    for _ in range(2):
        sides.merge()
        sides.clock.pass_by(60)
    assert len({each.id for each in ear.told}) == 1


def test_a_conflict_that_moved_is_another_event() -> None:
    sides, ear = heard()
    for text in ("theirs", "theirs again"):
        sides.edit(dynamics="ours", oneflow=text)
        sides.merge()
        sides.clock.pass_by(60)
    assert len({each.id for each in ear.told}) == 2


def test_a_conflict_of_another_day_is_not_told_again() -> None:
    sides, ear = heard()
    sides.edit(dynamics="ours", oneflow="theirs")
    sides.merge()
    sides.clock.pass_by(timedelta(days=2).total_seconds())
    sides.merge()
    assert len(ear.told) == 1


def test_a_conflict_that_the_link_has_forgotten_is_not_told() -> None:
    sides, ear = heard()
    sides.edit(dynamics="ours", oneflow="theirs")
    report = sides.merge()
    ear.told.clear()
    announce_contests(sides.desk, replace(report, link=replace(report.link, fields={})))
    assert ear.told == []


def lost(ears: Ears, error: SetupError) -> Ear:
    """Return what is heard when the work for a bridge ends in this error twice."""
    ear = Ear()
    ears.desk = replace(ears.desk, outbox=ear)
    for _ in range(2):
        with pytest.raises(SetupError), watched(ears.desk, ears.bridge):
            raise error
    return ear


def test_a_bridge_that_has_to_be_authorized_again_is_told_once() -> None:
    ears = Ears()
    (event,) = lost(ears, ConsentError("Revoked")).told
    assert (event.type, event.data["code"]) == (EventType.REAUTH_REQUIRED, "REAUTH_REQUIRED")
    assert ears.bridge.status is Status.REAUTH_REQUIRED


def test_two_that_lose_a_bridge_at_the_same_time_tell_it_once() -> None:
    ears, ear = Ears(), Ear()
    ears.desk = replace(ears.desk, outbox=ear)
    for bridge in (seen := ears.bridge, seen):
        with pytest.raises(ConsentError), watched(ears.desk, bridge):
            raise ConsentError("Revoked")
    assert len(ear.told) == 1


def test_a_bridge_that_has_to_be_set_up_again_is_not_told() -> None:
    assert lost(Ears(), SetupError("No", code="ONEFLOW_TOKEN_REFUSED")).told == []


def test_a_loss_that_a_merge_meets_is_told_at_once() -> None:
    sides, post = Sides(), PostOffice()
    sides.desk = replace(sides.desk, outbox=post.webhooks.dispatch)
    post.integration_id = sides.bridge.id
    post.endpoint(EventType.REAUTH_REQUIRED)
    sides.desk.integrations.create(sides.bridge)
    sides.dynamics.troubles["row"] = ConsentError("Revoked")
    with pytest.raises(ConsentError):
        sides.fetch()
    assert post.bring() == 1


def test_a_bridge_that_nobody_listens_to_tells_nothing() -> None:
    ears, ear = Ears(), Ear(frozenset())
    ears.desk = replace(ears.desk, outbox=ear)
    with pytest.raises(ConsentError), watched(ears.desk, ears.bridge):
        raise ConsentError("Revoked")
    assert (ear.told, ear.looks) == ([], 1)
