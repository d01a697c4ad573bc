"""Near real time: hints lead to runs, runs settle hints, and only the source decides what is true."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model.bucket import BucketWrite
from sync.model.channel import Channel, Hint, HintKind
from sync.model.errors import RefusedError, RetryLaterError, StaleRecordError
from sync.model.integration import Status
from sync.model.manifest import Manifest
from sync.model.record import RecordSet
from sync.model.run import Run, RunKind, RunStatus, RunTrigger
from sync.services.following import end_run, follow, follow_all
from sync.services.noticing import take
from sync.services.realtime import Realtime, digest, enrol, nudge
from sync.storage.memory_records import MemoryRecordStore
from sync.storage.memory_subscriptions import MemorySubscriptionStore
from tests.support.host import StepHost, settle
from tests.support.office import PRODUCTS, SUPPLIERS, VENDORS, Office, open_office
from tests.support.subscribers import ToySubscribers, realtime_of

NOBODY = "00000000-0000-4000-8000-000000000009"
STATE = "state-word"


def live(office: Office, *, public_url: str | None = "https://hub.example") -> Realtime:
    """Return near real time at an office, whose host ends runs through it."""
    realtime = realtime_of(office.desk, ToySubscribers(), MemorySubscriptionStore(), public_url=public_url)
    office.host.end = lambda _, job, steps: end_run(realtime, job, steps)
    return realtime


def channel(office: Office) -> Channel:
    return Channel(office.integration.id, office.clock.now(), token_digest=digest("token"), state_digest=digest(STATE))


def told(resource: str, change: str = "updated", state: Any = STATE) -> dict[str, Any]:
    path = f"/api/v2.0/companies(11111111-1111-4111-8111-111111111111)/{resource}"
    return {"subscriptionId": "1", "clientState": state, "resource": path, "changeType": change}


def notice(realtime: Realtime, office: Office, *entries: Any) -> tuple[Hint, ...]:
    return take(realtime, channel(office), {"value": list(entries)})


def followed(realtime: Realtime, office: Office) -> list[Run]:
    """Let runs follow until nothing follows any more; return all runs, newest first."""
    while settle(follow_all(realtime, office.host)):
        office.clock.pass_by(0.5)
        office.host.work()
    return list(office.desk.runs.list(office.integration.id, cursor=None, limit=50).items)


def test_a_notice_leads_to_a_delta_of_its_type_that_settles_it() -> None:
    office = open_office()
    realtime = live(office)
    office.sync()
    (row,) = office.add("New")
    notice(realtime, office, told(f"vendors({row})", "created"))
    newest, *_ = followed(realtime, office)
    assert (newest.kind, newest.trigger, newest.entities) == (RunKind.DELTA, RunTrigger.WEBHOOK, (SUPPLIERS,))
    assert office.kept(row).fields["name"] == "New"
    assert realtime.store.hints() == ()


def test_a_run_after_notices_moves_the_watermark_of_its_type_only() -> None:
    office = open_office()
    realtime = live(office)
    office.sync()
    before = office.watermark()
    office.clock.pass_by(60)
    notice(realtime, office, told("vendors(1)"))
    followed(realtime, office)
    assert office.watermark() > before == office.watermark(PRODUCTS)


def test_a_storm_of_notices_makes_one_run() -> None:
    office = open_office()
    realtime = live(office)
    for _ in range(50):
        notice(realtime, office, told("vendors(1)"), told("items(2)"))
    assert len(followed(realtime, office)) == 1


@pytest.mark.parametrize("state", ["forged", "", None, 7, STATE + " "])
def test_a_wrong_client_state_leaves_no_hint(state: Any) -> None:
    office = open_office()
    realtime = live(office)
    assert notice(realtime, office, told("vendors(1)", state=state)) == realtime.store.hints() == ()


@pytest.mark.parametrize("document", [None, [], 7, "text", {}, {"value": None}, {"value": "x"}, {"value": [None, 7]}])
def test_a_body_of_another_shape_leaves_no_hint(document: Any) -> None:
    office = open_office()
    realtime = live(office)
    assert take(realtime, channel(office), document) == realtime.store.hints() == ()


def test_genuine_notices_among_forged_ones_count() -> None:
    office = open_office()
    realtime = live(office)
    found = notice(realtime, office, told("vendors(1)", state="forged"), told("customers(1)"), told("items(1)"))
    assert [hint.entity for hint in found] == [PRODUCTS]


def test_a_notice_during_a_run_is_followed_by_another_one() -> None:
    office = open_office()
    realtime = live(office)

    def tell() -> None:
        office.clock.pass_by(1)
        notice(realtime, office, told("vendors(1)"))
        assert settle(follow_all(realtime, office.host)) == 0

    office.company.before_page = tell
    office.sync()
    assert len(realtime.store.hints()) == 1
    office.company.before_page = lambda: None
    assert [run.trigger for run in followed(realtime, office)] == [RunTrigger.WEBHOOK, RunTrigger.MANUAL]
    assert realtime.store.hints() == ()


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.ACTIVE])
def test_hints_wait_while_the_integration_may_not_run(status: Status) -> None:
    office = open_office(status=status)
    realtime = live(office)
    notice(realtime, office, told("vendors(1)"))
    assert settle(follow_all(realtime, office.host)) == 0
    office.change(status=Status.ACTIVE)
    assert settle(follow_all(realtime, office.host)) == 1


def test_hints_of_an_integration_without_near_real_time_start_nothing_and_are_forgotten() -> None:
    office = open_office()
    realtime = live(office)
    notice(realtime, office, told("vendors(1)"))
    office.change(settings={"realtime": False})
    assert (settle(follow_all(realtime, office.host)), realtime.store.hints()) == (0, ())


class Faltering:
    """Integrations of which the first that is looked for cannot be read."""

    def __init__(self, office: Office) -> None:
        self.inner, self.errors = office.desk.integrations, [RetryLaterError("busy", delay=1)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def find(self, integration_id: str) -> Any:
        """Fail once."""
        if self.errors:
            raise self.errors.pop()
        return self.inner.find(integration_id)


def test_trouble_with_one_integration_does_not_keep_others_from_their_run() -> None:
    office = open_office()
    realtime = live(office)
    notice(realtime, office, told("vendors(1)"))
    realtime.store.note([Hint("int_0", SUPPLIERS, HintKind.CHANGES, office.clock.now())])
    desk: Any = replace(office.desk, integrations=Faltering(office))
    assert settle(follow_all(replace(realtime, desk=desk), office.host)) == 1


def test_hints_of_an_integration_that_is_gone_are_forgotten() -> None:
    office = open_office()
    realtime = live(office)
    notice(realtime, office, told("vendors(1)"))
    office.desk.integrations.delete(office.integration)
    assert settle(follow_all(realtime, office.host)) == 0
    assert realtime.store.hints() == ()


def test_without_hints_nothing_follows() -> None:
    office = open_office()
    realtime = live(office)
    assert settle(follow(realtime, office.host, ())) is False


def test_after_a_failed_run_the_hint_stays_and_waits_a_while() -> None:
    office = open_office()
    realtime = live(office)
    office.source.troubles["companies"] = [RetryLaterError("down", delay=0)]
    notice(realtime, office, told("vendors(1)"))
    assert [run.status for run in followed(realtime, office)] == [RunStatus.FAILED]
    assert len(realtime.store.hints()) == 1
    office.clock.pass_by(11)
    assert [run.status for run in followed(realtime, office)] == [RunStatus.SUCCEEDED, RunStatus.FAILED]


def test_without_a_public_address_hints_are_left_alone() -> None:
    office = open_office()
    realtime = live(office, public_url=None)
    notice(realtime, office, told("vendors(1)"))
    office.clock.pass_by(1)
    office.sync()
    assert settle(follow_all(realtime, office.host)) == 0
    assert (len(realtime.store.hints()), realtime.store.get(office.integration.id)) == (1, None)


def test_a_good_run_lets_the_integration_be_looked_after() -> None:
    office = open_office()
    realtime = live(office)
    office.sync()
    office.sync()
    found = realtime.store.get(office.integration.id)
    assert found is not None
    assert found.look_at <= office.clock.now()


def test_a_failed_run_does_not() -> None:
    office = open_office()
    realtime = live(office)
    office.source.troubles["companies"] = [RefusedError("no")]
    office.sync()
    assert realtime.store.get(office.integration.id) is None


def test_two_that_enrol_at_once_make_one_channel() -> None:
    office = open_office()
    realtime = live(office)

    class Late(MemorySubscriptionStore):
        def get(self, integration_id: str) -> Channel | None:
            return None

    late = Late()
    enrol(replace(realtime, store=late), "int_1")
    enrol(replace(realtime, store=late), "int_1")
    assert len(late.due(office.clock.now(), limit=9)) == 1


def test_a_nudge_is_not_lost_to_someone_who_writes_meanwhile() -> None:
    office = open_office()
    realtime = live(office)

    class Busy(MemorySubscriptionStore):
        writes = 0

        def save(self, channel: Channel) -> Channel:
            self.writes += 1
            if self.writes == 1:
                raise StaleRecordError("meanwhile")
            return super().save(channel)

    busy = Busy()
    later = office.clock.now() + timedelta(days=1)
    busy.create(Channel(office.integration.id, later))
    nudge(replace(realtime, store=busy), office.integration.id)
    assert len(busy.due(office.clock.now(), limit=9)) == 1


def test_a_run_whose_record_is_gone_ends_without_trouble() -> None:
    office = open_office()
    realtime = live(office)
    assert (
        end_run(realtime, office.job(Run("r", "i", RunKind.FULL, RunTrigger.MANUAL, (), office.clock.now())), [])
        is not None
    )


def test_a_deleted_record_is_marked_once_the_source_does_not_know_it() -> None:
    office = open_office()
    realtime = live(office)
    gone, stays = office.add("Gone", "Stays")
    office.sync()
    office.company.delete(VENDORS, gone)
    notice(realtime, office, told(f"vendors({gone})", "deleted"), told(f"vendors({stays})", "deleted"))
    followed(realtime, office)
    assert [office.kept(each).present_in_source for each in (gone, stays)] == [False, True]
    assert office.kept(gone).fields["name"] == "Gone"
    assert realtime.store.hints() == ()


def test_a_record_that_comes_back_is_present_again() -> None:
    office = open_office()
    realtime = live(office)
    (row,) = office.add("Back")
    office.sync()
    office.company.delete(VENDORS, row)
    notice(realtime, office, told(f"vendors({row})", "deleted"))
    followed(realtime, office)
    office.clock.pass_by(60)
    office.company.put(VENDORS, row, "Back")
    notice(realtime, office, told(f"vendors({row})", "created"))
    followed(realtime, office)
    assert office.kept(row).present_in_source


def test_a_deletion_of_what_was_never_stored_is_no_trouble() -> None:
    office = open_office()
    realtime = live(office)
    notice(realtime, office, told(f"vendors({NOBODY})", "deleted"), told(f"items({NOBODY})", "deleted"))
    followed(realtime, office)
    assert realtime.store.hints() == ()


def test_a_failed_record_that_was_deleted_is_no_failure_any_more() -> None:
    office = open_office()
    realtime = live(office)
    (row,) = office.add("")
    office.sync()
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9)
    office.company.delete(VENDORS, row)
    notice(realtime, office, told(f"vendors({row})", "deleted"))
    followed(realtime, office)
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()
    assert office.record(row) is None


def test_a_deletion_that_the_source_cannot_confirm_waits_for_the_next_run() -> None:
    office = open_office()
    realtime = live(office)
    (row,) = office.add("Gone")
    office.sync()
    office.company.delete(VENDORS, row)
    office.source.troubles["record"] = [RetryLaterError("down", delay=0)]
    notice(realtime, office, told(f"vendors({row})", "deleted"))
    settle(follow_all(realtime, office.host))
    office.clock.pass_by(1)
    office.host.work()
    assert [hint.kind for hint in realtime.store.hints()] == [HintKind.GONE]
    assert office.kept(row).present_in_source
    followed(realtime, office)
    assert not office.kept(row).present_in_source


def test_a_deletion_that_the_source_cannot_be_asked_about_is_looked_for_in_a_full_listing() -> None:
    office = open_office()
    realtime = live(office)
    row, _ = office.add("Gone", "Stays")
    office.sync()
    office.company.delete(VENDORS, row)
    office.source.troubles["record"] = [RefusedError("no such key")]
    notice(realtime, office, told(f"vendors({row})", "deleted"))
    kinds = [run.kind for run in followed(realtime, office)]
    assert kinds[:2] == [RunKind.FULL, RunKind.DELTA]
    assert (office.kept(row).present_in_source, realtime.store.hints()) == (False, ())


def test_deletions_wait_when_the_run_fails() -> None:
    office = open_office()
    realtime = live(office)
    office.source.troubles["companies"] = [RefusedError("no")]
    notice(realtime, office, told(f"vendors({NOBODY})", "deleted"))
    followed(realtime, office)
    assert len(realtime.store.hints()) == 1


def test_ending_a_run_twice_asks_for_nothing_twice() -> None:
    office = open_office()
    realtime = live(office)
    run = office.sync()
    notice(realtime, office, told(f"vendors({NOBODY})", "deleted"))
    office.source.troubles["record"] = [RefusedError("asked")]
    end_run(realtime, office.job(run, None), [])
    assert office.source.troubles["record"] != []


class Interrupted(MemoryRecordStore):
    """Records whose buckets someone else writes first, so many times."""

    interruptions = 0

    def commit(self, records: RecordSet, write: BucketWrite) -> Manifest:
        if self.interruptions:
            self.interruptions -= 1
            raise StaleRecordError("meanwhile")
        return super().commit(records, write)


@pytest.mark.parametrize(("times", "present"), [(1, False), (99, True)])
def test_a_bucket_that_someone_else_writes_is_looked_at_again(times: int, *, present: bool) -> None:
    office = open_office()
    store = Interrupted()
    office.desk = replace(office.desk, records=store)
    office.host = StepHost(office.desk, office.clock)
    realtime = live(office)
    (row,) = office.add("Gone")
    office.sync()
    office.company.delete(VENDORS, row)
    notice(realtime, office, told(f"vendors({row})", "deleted"))
    settle(follow_all(realtime, office.host))
    store.interruptions = times
    office.host.work()
    assert office.kept(row).present_in_source is present


def test_a_collection_that_hides_deletions_leads_to_a_full_listing() -> None:
    office = open_office()
    realtime = live(office)
    row, _ = office.add("Gone", "Stays")
    office.sync()
    office.company.delete(VENDORS, row)
    notice(realtime, office, told("vendors", "collection"), told("items(1)"))
    kinds = [(run.kind, run.entities) for run in followed(realtime, office)]
    assert kinds[:2] == [(RunKind.DELTA, (PRODUCTS,)), (RunKind.FULL, (SUPPLIERS,))]
    assert not office.kept(row).present_in_source
    assert realtime.store.hints() == ()
