"""What a run came to is told before the run says that it has ended, and told again it is the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from sync.engine.telling import MOST_ALONE, MOST_CHARACTERS, MOST_TOGETHER, bundled
from sync.model.checkpoint import RunKey
from sync.model.errors import ConsentError, RefusedError, RetryLaterError
from sync.model.integration import Status
from sync.model.proposal import Intent
from sync.model.run import Run, RunKind, RunStatus
from sync.model.webhook import Event, EventType
from sync.services import runs
from sync.services.announcing import announce
from sync.services.desk import lease_key
from sync.services.outbox import body_of
from sync.services.policy import Policy
from sync.storage.memory import MemoryLeaseStore
from tests.support.desks import ALICE
from tests.support.host import settle
from tests.support.mail import Ear, PostOffice
from tests.support.office import ITEMS, VENDORS, Office, open_office
from tests.unit.test_hearing import edit, waiting
from tests.unit.test_holding import LOOSE, go_on, held

CREATED, UPDATED = EventType.SUPPLIER_CREATED, EventType.SUPPLIER_UPDATED
MANY = MOST_ALONE + 1
LARGEST_BODY = 20_000


def heard(*events: EventType, policy: Policy | None = None) -> tuple[Office, Ear]:
    """Return an office whose runs are heard of."""
    office = open_office(policy)
    return office, listened(office, *events)


def listened(office: Any, *events: EventType) -> Ear:
    ear = Ear(frozenset(events)) if events else Ear()
    office.desk = office.host.desk = replace(office.desk, outbox=ear)
    return ear


def records(events: list[Event]) -> list[str]:
    return [name for each in events for name in each.data["records"]]


def only(events: list[Event]) -> Event:
    (found,) = events
    return found


def test_a_run_that_came_through_is_told_with_its_counts() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)
    office.add("A", "B")
    run = office.sync()
    event = only(ear.told)
    counts = {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "conflicts": 0, "errors": 0}
    assert event.data["runId"] == run.id
    assert event.data["entities"]["suppliers"] == counts
    assert {name: event.data[name] for name in ("kind", "trigger", "status", "error")} == {
        "kind": "full",
        "trigger": "manual",
        "status": "succeeded",
        "error": None,
    }


def test_a_run_that_failed_is_told_with_the_reason() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED, EventType.SYNC_FAILED)
    office.source.troubles["companies"] = [RefusedError("No", code="SOURCE_REFUSED")]
    office.sync()
    event = only(ear.told)
    assert (event.type, event.data["error"]) == (EventType.SYNC_FAILED, {"code": "SOURCE_REFUSED", "message": "No"})


def test_a_cancelled_run_is_told_as_one_that_did_not_come_through() -> None:
    office, ear = heard()
    run = office.begin()
    runs.cancel(office.desk, ALICE, office.integration.id, run.id)
    office.work(run)
    event = only(ear.told)
    assert (event.type, event.data["status"], event.data["error"]["code"]) == (
        EventType.SYNC_FAILED,
        "cancelled",
        "RUN_CANCELLED",
    )


def test_few_records_are_told_one_by_one() -> None:
    office, ear = heard(CREATED)
    ids = office.add(*map(str, range(MOST_ALONE)))
    office.sync()
    assert sorted(each.data["externalId"] for each in ear.told) == sorted(ids)
    assert {(each.data["count"], len(each.data["records"])) for each in ear.told} == {(1, 1)}


def test_many_records_are_told_together() -> None:
    office, ear = heard(CREATED)
    ids = office.add(*map(str, range(MANY)))
    office.sync()
    event = only(ear.told)
    assert (sorted(event.data["records"]), event.data["count"]) == (sorted(ids), MANY)
    assert "externalId" not in event.data


def test_created_and_updated_records_are_told_apart() -> None:
    office, ear = heard()
    old, same = office.add("Old", "Same")
    office.sync()
    ear.told.clear()
    office.clock.pass_by(3600)
    office.company.put(VENDORS, old, "New name")
    (new,) = office.add("New")
    office.sync(RunKind.DELTA)
    assert (records(ear.of(CREATED)), records(ear.of(UPDATED)), same not in str(ear.told)) == ([new], [old], True)


def test_suppliers_and_products_are_told_apart() -> None:
    office, ear = heard()
    (vendor,), (item,) = office.add("V"), office.add("I", to=ITEMS)
    office.sync()
    assert (records(ear.of(CREATED)), records(ear.of(EventType.PRODUCT_CREATED))) == ([vendor], [item])


def test_a_run_that_changed_nothing_tells_only_that_it_ended() -> None:
    office, ear = heard()
    office.add("A")
    office.sync()
    ear.told.clear()
    office.clock.pass_by(3600)
    office.sync()
    assert [each.type for each in ear.told] == [EventType.SYNC_COMPLETED]


def test_only_what_somebody_hears_is_told() -> None:
    office, ear = heard(UPDATED)
    office.add("A")
    office.sync()
    assert ear.told == []


def test_where_nobody_listens_a_run_looks_once_and_reads_nothing() -> None:
    office, ear = heard()
    ear.events = frozenset()
    office.add(*map(str, range(MANY)))
    office.sync()
    assert (ear.looks, ear.told) == (1, [])


def test_what_happened_is_told_before_the_run_says_that_it_ended() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)
    seen: list[RunStatus] = []
    run = office.begin()
    ear.before = lambda: seen.append(office.found(run).status)
    office.work(run)
    assert (seen, office.found(run).status) == ([RunStatus.RUNNING], RunStatus.SUCCEEDED)


class Unreleasing(MemoryLeaseStore):
    """Leases that nobody can give back now."""

    def release(self, key: str, holder: str) -> None:
        raise RetryLaterError("Busy", delay=1, code="STORAGE_UNAVAILABLE")


def test_news_leave_when_the_run_says_that_it_ended_and_the_next_may_begin() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)
    seen: list[tuple[RunStatus, bool]] = []
    run = office.begin()
    key = lease_key(run.integration_id)
    ear.leaving = lambda: seen.append((office.found(run).status, office.desk.leases.get(key) is None))
    office.work(run)
    assert seen == [(RunStatus.SUCCEEDED, True)]


def test_news_of_a_run_that_is_to_be_ended_again_do_not_leave() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)
    left: list[Event] = []
    ear.leaving = lambda: left.extend(ear.told)
    office.desk = office.host.desk = replace(office.desk, leases=Unreleasing())
    with pytest.raises(RetryLaterError):
        office.sync()
    assert (len(ear.told), left) == (1, [])


def told_twice(office: Office, run: Run, ear: Ear) -> tuple[list[str], list[str]]:
    """Return the ids of what a run told, and of what it tells when it ends a second time."""
    first = [each.id for each in ear.told]
    ear.told.clear()
    office.clock.pass_by(60)
    announce(office.desk, office.current, replace(run, ended_at=office.clock.now()))
    return first, [each.id for each in ear.told]


@pytest.mark.parametrize("count", [3, MANY])
def test_told_again_after_a_crash_it_is_the_same_events(count: int) -> None:
    office, ear = heard()
    office.add(*map(str, range(count)))
    run = office.sync()
    first, again = told_twice(office, run, ear)
    assert (len(first) > 1, first) == (True, again)


def test_no_two_events_of_a_run_share_an_id() -> None:
    office, ear = heard()
    office.add("A", "B", "C")
    office.add("D", to=ITEMS)
    office.sync()
    assert len({each.id for each in ear.told}) == len(ear.told) == 5


def test_the_end_of_a_run_sorts_as_the_latest_of_its_events() -> None:
    office, ear = heard()
    office.add("A")
    office.sync()
    assert min(ear.told, key=lambda each: each.id).type is EventType.SYNC_COMPLETED


def test_a_storage_that_fails_at_the_end_leaves_the_run_to_be_ended_again() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)

    def busy() -> None:
        ear.before = lambda: None
        raise RetryLaterError("Busy", delay=1, code="STORAGE_UNAVAILABLE")

    ear.before = busy
    run = office.begin()
    with pytest.raises(RetryLaterError):
        office.work(run)
    assert (office.found(run).status, ear.told) == (RunStatus.RUNNING, [])
    settle(office.host.start(run, delay=timedelta(0)))
    assert (office.work(run).status, len(ear.told)) == (RunStatus.SUCCEEDED, 1)


def test_a_journal_that_died_with_its_process_tells_nothing() -> None:
    office, ear = heard(CREATED)
    office.add("A")
    run = office.sync()
    office.desk.chronicle.journals.drop(RunKey(run.integration_id, run.id))
    assert told_twice(office, run, ear)[1] == []


def test_a_held_run_tells_that_it_ended_and_again_when_it_was_approved() -> None:
    office, ids, _ = held()
    ear = listened(office)
    office.call(ids, "3")
    run = office.sync()
    go_on(office, run)
    ends = ear.of(EventType.SYNC_COMPLETED)
    assert [each.data["status"] for each in ends] == ["partial", "succeeded"]
    assert (len({each.id for each in ends}), sorted(records(ear.of(UPDATED)))) == (2, sorted(ids))


def test_a_plan_tells_nothing() -> None:
    office, ear = heard()
    office.add("A")
    office.sync(intent=Intent.PLAN)
    assert ear.told == []


def test_a_dead_consent_is_told_once() -> None:
    office, ear = heard(EventType.REAUTH_REQUIRED)
    for _ in range(2):
        office.source.troubles["companies"] = [ConsentError("Revoked")]
        office.sync()
        office.change(untried=True)
    assert office.current.status is Status.REAUTH_REQUIRED
    assert only(ear.told).data["code"] == "REAUTH_REQUIRED"


def test_a_dead_consent_that_nobody_hears_of_is_not_told() -> None:
    office, ear = heard(EventType.SYNC_COMPLETED)
    office.source.troubles["companies"] = [ConsentError("Revoked")]
    office.sync()
    assert ear.told == []


def pinned(office: Office, count: int) -> tuple[str, ...]:
    """Store records whose names people have pinned, and change them in Business Central."""
    ids = office.add(*map(str, range(count)))
    office.sync()
    for name in ids:
        edit(office, name, "name", name="Ours")
        office.company.put(VENDORS, name, "Theirs")
    office.clock.pass_by(3600)
    return ids


def test_a_conflict_is_told_when_it_is_met_and_not_again() -> None:
    office, ear = heard(EventType.CONFLICT_DETECTED)
    (name,) = pinned(office, 1)
    office.sync()
    event = only(ear.told)
    (conflict,) = waiting(office)
    assert event.data["conflictId"] == conflict.id
    assert (event.data["externalId"], event.data["fields"], event.data["reason"]) == (name, ["name"], "pinned")
    office.clock.pass_by(3600)
    office.sync()
    assert len(ear.told) == 1


def test_many_conflicts_are_told_together() -> None:
    office, ear = heard(EventType.CONFLICT_DETECTED, policy=Policy(breaker=LOOSE))
    pinned(office, MANY)
    office.sync()
    event = only(ear.told)
    assert (event.data["count"], len(set(event.data["conflicts"]))) == (MANY, MANY)


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [1]), (MOST_ALONE, [1] * MOST_ALONE), (MANY, [MANY])])
def test_bundles_are_single_ids_while_there_are_few(count: int, expected: list[int]) -> None:
    assert [len(each) for each in bundled(map(str, range(count)), expected=count)] == expected


def test_no_bundle_is_larger_than_a_webhook_may_be() -> None:
    ids = [f"{number:036d}" for number in range(1_000)]
    bundles = list(bundled(ids, expected=1_000))
    assert [name for each in bundles for name in each] == ids
    assert {len(each) for each in bundles} == {MOST_TOGETHER, 1_000 - 2 * MOST_TOGETHER}


def test_long_ids_make_smaller_bundles() -> None:
    ids = [f"{number:01000d}" for number in range(100)]
    assert {len(each) for each in bundled(ids, expected=100)} == {MOST_CHARACTERS // 1_000, 100 % 16}


def test_a_body_stays_below_twenty_kilobytes() -> None:
    office, ear = heard(CREATED)
    office.add(*map(str, range(MOST_TOGETHER)))
    office.sync()
    assert len(body_of(only(ear.told)).encode()) < LARGEST_BODY


def test_a_run_is_heard_of_at_an_endpoint() -> None:
    office = open_office()
    post = PostOffice(clock=office.clock, integration_id=office.integration.id)
    post.endpoint(EventType.SYNC_COMPLETED, CREATED)
    office.desk = office.host.desk = replace(office.desk, outbox=post.webhooks.dispatch)
    (name,) = office.add("A")
    office.sync()
    post.bring()
    assert [orjson.loads(each.body)["type"] for each in post.receiver.got] == ["supplier.created", "sync.completed"]
    assert post.receiver.got[0].event["data"]["externalId"] == name
