"""Invariant 2: no run changes more than its owner allows without being approved, and an approved one does just that."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.codec import to_json
from sync.engine.assess import Breaker, Limit
from sync.model.checkpoint import RunKey
from sync.model.errors import StateError
from sync.model.integration import Status
from sync.model.log import LogStatus
from sync.model.mapping import MappingVersion
from sync.model.run import Run, RunKind, RunStatus, Tally, Verdict
from sync.services.holding import approve
from sync.services.integrations import Integrations
from sync.services.keeping import let_go, overtake, sweep_kept
from sync.services.sweeping import sweep
from tests.support.desks import ALICE
from tests.support.host import Crash, settle
from tests.support.office import ITEMS, PRODUCTS, SUPPLIERS, suppliers, twice
from tests.support.phones import PhoneOffice, open_phones
from tests.unit.test_everything_twice import failing

LOOSE = Breaker(changes=Limit(share=1, count=1000), blanks=Limit(share=1, count=1000))
SPREAD: dict[str, Any] = {"page_size": 2, "group_size": 3}
"""Several ranges and several groups for ten vendors."""
SIZES: list[dict[str, Any]] = [{}, SPREAD, {"group_size": 3}]


def held(vendors: int = 10, **policy: Any) -> tuple[PhoneOffice, tuple[str, ...], Run]:
    """Return an office whose run is held because every phone number would change."""
    office, ids = open_phones(vendors, **policy)
    office.call(ids, "2")
    return office, ids, office.sync()


def go_on(office: PhoneOffice, run: Run) -> Run:
    """Approve a run, and carry it to its end."""
    resumed = approve(office.desk, ALICE, office.integration.id, run.id)
    settle(office.host.start(resumed, delay=timedelta(0)))
    return office.work(resumed)


def refusal(office: PhoneOffice, run: Run) -> tuple[str, dict[str, str]]:
    """Return why a run cannot be approved."""
    with pytest.raises(StateError) as refused:
        approve(office.desk, ALICE, office.integration.id, run.id)
    return refused.value.code, refused.value.facts


@pytest.mark.parametrize("policy", SIZES)
def test_a_run_that_would_change_too_much_stops_and_changes_nothing(policy: dict[str, Any]) -> None:
    office, ids, run = held(**policy)
    assert (run.status, run.error.code if run.error else "") == (RunStatus.PARTIAL, "APPROVAL_REQUIRED")
    assert office.phones(ids) == ["1"] * 10
    assert run.approval is not None
    assert (run.held, run.approval.changes, run.approval.blanks, run.approval.stored) == (True, 10, 0, 10)


@pytest.mark.parametrize("policy", SIZES)
def test_an_approved_run_goes_on_and_writes_what_it_had_read(policy: dict[str, Any]) -> None:
    office, ids, run = held(**policy)
    office.call(ids, "3")
    done = go_on(office, run)
    assert (done.id, done.status, suppliers(done)) == (run.id, RunStatus.SUCCEEDED, Tally(read=10, updated=10))
    assert office.phones(ids) == ["2"] * 10
    office.sync(RunKind.DELTA)
    assert office.phones(ids) != ["1"] * 10


@pytest.mark.parametrize("policy", SIZES)
def test_a_run_that_blanks_too_much_stops_though_it_changes_little(policy: dict[str, Any]) -> None:
    office, ids = open_phones(10, **policy)
    office.call(ids[:3], "")
    run = office.sync()
    assert run.approval is not None
    assert (run.approval.changes, run.approval.blanks, office.phones(ids)) == (3, 3, ["1"] * 10)


@pytest.mark.parametrize("policy", SIZES)
@pytest.mark.parametrize(("changed", "blanked"), [(3, 0), (5, 0), (5, 2), (0, 2)])
def test_a_run_below_the_limits_writes_everything_at_once(policy: dict[str, Any], changed: int, blanked: int) -> None:
    office, ids = open_phones(10, **policy)
    office.call(ids[blanked:changed], "2")
    office.call(ids[:blanked], "")
    run = office.sync()
    assert (run.status, run.approval) == (RunStatus.SUCCEEDED, None)
    assert suppliers(run) == Tally(read=10, updated=max(changed, blanked), unchanged=10 - max(changed, blanked))


@pytest.mark.parametrize("policy", SIZES)
def test_new_records_are_no_changes(policy: dict[str, Any]) -> None:
    office, _ = open_phones(4, **policy)
    office.add(*"ABCDEFGHIJKL")
    assert suppliers(office.sync()) == Tally(read=16, created=12, unchanged=4)


def test_names_that_are_emptied_change_nothing_and_are_told_as_errors() -> None:
    office, ids = open_phones(10)
    for each in ids[:4]:
        office.company.put("vendors", each, "")
    run = office.sync()
    assert (run.status, suppliers(run).errors) == (RunStatus.PARTIAL, 4)
    assert [office.kept(each).fields["name"] for each in ids] == [f"V{number}" for number in range(10)]


def test_a_record_that_heals_unchanged_is_no_change() -> None:
    office, ids = open_phones(10)
    for name in ("", None):
        for number, each in enumerate(ids):
            office.company.put("vendors", each, f"V{number}" if name is None else name)
        run = office.sync()
    assert (run.status, suppliers(run).updated) == (RunStatus.SUCCEEDED, 10)


def test_a_delta_is_held_as_well() -> None:
    office, ids = open_phones(10)
    office.call(ids, "2")
    assert office.sync(RunKind.DELTA).held


def test_an_approval_shows_what_would_change() -> None:
    office, ids = open_phones(10)
    office.call(ids[:3], "")
    approval = office.sync().approval
    assert approval is not None
    shown = {(each.external_id, each.field, each.before, each.after) for each in approval.sample}
    assert shown == {(each, "phone", "1", None) for each in ids[:3]}


def test_a_held_entity_type_keeps_its_watermark_and_its_log_entry_is_partial() -> None:
    office, _ = open_phones(10)
    before = office.watermark()
    office.call(list(office.company.sets["vendors"]), "2")
    office.sync()
    entry = office.logs(entity_type="SUPPLIER")[0]
    assert office.watermark() == before
    assert (entry.status, entry.records_affected, entry.metadata["code"]) == (LogStatus.PARTIAL, 0, "APPROVAL_REQUIRED")


def test_a_held_listing_proves_nothing() -> None:
    _, _, run = held()
    found = run.completeness[SUPPLIERS]
    assert (found.verdict, found.expected, found.read, found.missing) == (Verdict.UNPROVEN, 10, 10, 0)


def test_the_other_entity_type_goes_on_by_itself() -> None:
    office, ids = open_phones(10)
    office.call(ids, "2")
    office.add("A", to=ITEMS)
    office.clock.pass_by(60)
    run = office.sync()
    assert (run.held, run.totals[PRODUCTS].created, office.watermark(PRODUCTS)) == (True, 1, run.window.until)


def test_an_approved_run_moves_the_watermark_to_its_start() -> None:
    office, _, run = held()
    office.clock.pass_by(7200)
    go_on(office, run)
    assert office.watermark() == run.window.until


def test_an_ended_approved_run_leaves_nothing_behind() -> None:
    office, _, run = held()
    go_on(office, run)
    left = office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS)
    assert (left.plan, office.desk.leases.list("")) == (None, ())


def test_a_run_can_be_approved_once() -> None:
    office, _, run = held()
    go_on(office, run)
    assert refusal(office, run) == ("NOT_HELD", {"runId": run.id})


def test_a_run_that_nobody_held_cannot_be_approved() -> None:
    office, _ = open_phones(3)
    assert refusal(office, office.sync())[0] == "NOT_HELD"


def test_of_two_approvals_at_the_same_time_one_holds() -> None:
    office, _, run = held()
    first = approve(office.desk, ALICE, office.integration.id, run.id)
    stale = replace(office.desk, runs=_Once(office.desk.runs, run))
    office.desk.leases.release(f"run_{run.integration_id}", first.id)
    office.desk.leases.acquire(
        f"held_{run.integration_id}",
        run.id,
        until=office.clock.now().replace(year=2027),
        now=office.clock.now(),
        facts={"integrationId": run.integration_id},
    )
    with pytest.raises(StateError) as refused:
        approve(stale, ALICE, office.integration.id, run.id)
    assert refused.value.code == "NOT_HELD"


class _Once:
    """A run store that shows a run as it was until it is saved."""

    def __init__(self, store: Any, shown: Run) -> None:
        self._store, self._shown = store, [shown] * 2

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get(self, integration_id: str, run_id: str) -> Any:
        return self._shown.pop() if self._shown else self._store.get(integration_id, run_id)


def test_a_newer_held_run_takes_the_place_of_an_older_one() -> None:
    office, ids, first = held()
    office.call(ids, "3")
    second = office.sync()
    assert refusal(office, first) == ("APPROVAL_STALE", {"runId": second.id})
    assert office.desk.checkpoints.read(RunKey(first.integration_id, first.id), SUPPLIERS).plan is None
    assert not office.found(first).held
    assert go_on(office, second).status is RunStatus.SUCCEEDED
    assert office.phones(ids) == ["3"] * 10


def test_a_newer_run_that_came_through_makes_an_approval_too_late() -> None:
    office, ids, run = held()
    office.call(ids, "1")
    assert office.sync().status is RunStatus.SUCCEEDED
    assert refusal(office, run) == ("APPROVAL_STALE", {})
    assert settle(sweep(office.desk, office.host)) == 0
    assert (office.found(run).held, office.desk.leases.list("")) == (False, ())


def test_a_newer_run_that_failed_does_not_matter() -> None:
    office, _, run = held()
    office.source.seen = ()
    assert office.sync().status is RunStatus.FAILED
    office.source.seen = type(office.source)(office.company).seen
    office.change(status=Status.ACTIVE)
    assert go_on(office, run).status is RunStatus.SUCCEEDED


def test_an_integration_that_is_held_approves_nothing() -> None:
    office, _, run = held()
    office.change(status=Status.SETUP_REQUIRED)
    assert refusal(office, run)[0] == "SETUP_REQUIRED"


def test_a_connection_that_leads_elsewhere_makes_an_approval_too_late() -> None:
    office, _, run = held()
    office.change(connection=replace(office.current.connection, environment="Sandbox"))
    assert refusal(office, run) == ("APPROVAL_STALE", {})
    assert office.desk.leases.get(f"run_{run.integration_id}") is None


def test_while_another_run_is_under_way_nothing_is_approved() -> None:
    office, _, run = held()
    other = office.begin()
    assert refusal(office, run) == ("SYNC_ALREADY_RUNNING", {"runId": other.id})


def test_after_seven_days_it_is_too_late() -> None:
    office, _, run = held()
    office.clock.pass_by(7 * 86_400)
    assert refusal(office, run)[0] == "APPROVAL_STALE"
    assert (sweep_kept(office.desk), office.found(run).held) == (1, False)
    assert office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS).plan is None


def test_the_sweeper_leaves_a_run_that_can_be_approved_alone() -> None:
    office, _, run = held()
    assert (sweep_kept(office.desk), go_on(office, run).status) == (0, RunStatus.SUCCEEDED)


def test_a_held_run_whose_integration_is_gone_keeps_nothing() -> None:
    office, _, run = held()
    office.desk.integrations.delete(office.current)
    office.desk.runs.remove(run.integration_id, (run.id,))
    assert (sweep_kept(office.desk), office.desk.leases.list("held_")) == (1, ())


def test_a_newer_run_of_another_entity_type_does_not_matter() -> None:
    office, _, run = held()
    office.add("A", to=ITEMS)
    office.clock.pass_by(60)
    assert office.sync(entities=(PRODUCTS,)).totals[PRODUCTS].created == 1
    assert office.found(run).held


def test_a_delta_that_finds_nothing_to_write_does_not_overtake_a_listing() -> None:
    office, _ = open_phones(10)
    office.sync(RunKind.DELTA)
    office.call(list(office.company.sets["vendors"]), "2")
    run = office.sync()
    office.clock.pass_by(60)
    later = office.sync(RunKind.DELTA, modified_since=office.clock.now())
    assert (later.status, office.found(run).held) == (RunStatus.SUCCEEDED, True)
    assert go_on(office, run).status is RunStatus.SUCCEEDED


def test_a_delta_that_writes_records_of_the_type_overtakes_a_listing() -> None:
    office, _, run = held()
    office.clock.pass_by(60)
    office.add("New")
    office.sync(RunKind.DELTA, modified_since=office.clock.now())
    assert refusal(office, run)[0] == "APPROVAL_STALE"


@pytest.mark.parametrize(
    ("kind", "since", "overtaken"),
    [(RunKind.DELTA, False, True), (RunKind.FULL, False, True), (RunKind.DELTA, True, False)],
)
def test_a_held_delta_is_overtaken_by_what_looks_at_the_same_changes(
    kind: RunKind, *, since: bool, overtaken: bool
) -> None:
    office, ids = open_phones(10)
    office.sync(RunKind.DELTA)
    office.clock.pass_by(3600)
    office.call(ids, "2")
    run = office.sync(RunKind.DELTA)
    office.call(ids, "1")
    office.clock.pass_by(3600)
    office.sync(kind, modified_since=office.clock.now() if since else None)
    assert (run.held, office.found(run).held) == (True, not overtaken)


def test_a_retry_does_not_overtake_a_held_delta() -> None:
    office, ids = open_phones(10)
    plain = office.sync(RunKind.DELTA)
    office.clock.pass_by(3600)
    office.call(ids, "2")
    run = office.sync(RunKind.DELTA)
    office.repeat(plain)
    assert (run.held, office.found(run).held) == (True, True)


def test_what_a_run_keeps_that_is_not_there_any_more_is_let_go() -> None:
    office, _, run = held()
    newer = replace(run, id="run_0", totals={})
    office.desk.runs.remove(run.integration_id, (run.id,))
    overtake(office.desk, newer)
    assert office.desk.leases.list("held_") == ()


def test_an_approval_that_comes_second_leaves_the_run_its_lease() -> None:
    office, _, run = held()

    class Second:
        """A lease store in which another approval of the run is done while this one has just begun."""

        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        def acquire(self, *about: Any, **facts: Any) -> Any:
            approve(plain, ALICE, run.integration_id, run.id)
            return self._store.acquire(*about, **facts)

    plain = office.desk
    with pytest.raises(StateError) as refused:
        approve(replace(plain, leases=Second(plain.leases)), ALICE, run.integration_id, run.id)
    lease = plain.leases.get(f"run_{run.integration_id}")
    assert (refused.value.code, lease and lease.holder) == ("APPROVAL_STALE", run.id)


def test_a_removed_integration_keeps_nothing_for_an_approval() -> None:
    office, _, run = held()
    Integrations(office.desk.integrations, office.desk).delete(ALICE, run.integration_id, purge=False)  # type: ignore[arg-type]  # one kind
    left = office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS)
    assert (left.plan, office.desk.leases.list("held_")) == (None, ())


def test_letting_go_does_not_disturb_a_run_that_goes_on() -> None:
    office, _, run = held()
    kept = office.desk.leases.get(f"held_{run.integration_id}")
    resumed = approve(office.desk, ALICE, office.integration.id, run.id)
    assert kept is not None
    let_go(office.desk, kept)
    settle(office.host.start(resumed, delay=timedelta(0)))
    assert suppliers(office.work(resumed)) == Tally(read=10, updated=10)


@pytest.mark.parametrize("policy", SIZES)
def test_a_breaker_that_is_switched_off_holds_nothing(policy: dict[str, Any]) -> None:
    office, ids = open_phones(10, **policy)
    office.change(settings={"breaker": False})
    office.call(ids, "2")
    assert suppliers(office.sync()).updated == 10


def test_an_integrations_own_limits_hold() -> None:
    office, ids = open_phones(10, LOOSE)
    office.change(settings={"breaker": {"changes": {"share": 0.1, "count": 1}}})
    office.call(ids[:2], "2")
    assert office.sync().held


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_changed_mapping_changes_was_asked_for(version: int) -> None:
    office, ids = open_phones(10)
    if version > 1:
        document = to_json(office.desk.mapping(office.sync(), SUPPLIERS).rules)
        office.desk.mappings.add(MappingVersion(office.integration.id, SUPPLIERS, version, dict(document)))
    office.call(ids, "2")
    assert office.sync().held is (version == 1)
    assert office.sync().held is (version == 1)
    office.call(ids, "3")
    assert office.sync().held


def test_every_step_of_a_held_and_approved_run_may_happen_twice() -> None:
    office, ids = open_phones(10, **SPREAD)
    office.host.around = twice
    office.call(ids, "2")
    run = office.sync()
    assert run.held
    assert suppliers(go_on(office, run)) == Tally(read=10, updated=10)


FINISHING = [
    ("logs", "append", 1),
    ("integrations", "save", 1),
    ("leases", "acquire", 1),
    ("runs", "save", 2),
    ("leases", "release", 1),
    ("checkpoints", "write", 4),
]


@pytest.mark.parametrize(("store", "method", "call"), FINISHING)
def test_a_run_that_is_killed_while_it_is_held_is_held_the_same(store: str, method: str, call: int) -> None:
    office, ids = open_phones(10)
    office.call(ids, "2")
    run = office.begin()
    plain = office.desk
    failing(office, store, method, Crash(), calls=frozenset({call}))
    with pytest.raises(Crash):
        office.host.work()
    office.desk = office.host.desk = plain
    _resume(office)
    found = office.work(run)
    assert (found.held, office.phones(ids)) == (True, ["1"] * 10)
    _resume(office)
    assert suppliers(go_on(office, found)) == Tally(read=10, updated=10)


@pytest.mark.parametrize(("store", "method"), [("runs", "save"), ("leases", "release")])
def test_an_approval_that_is_killed_half_way_is_lost_or_goes_on(store: str, method: str) -> None:
    office, ids, run = held()
    plain = office.desk
    failing(office, store, method, Crash(), calls=frozenset({1}))
    with pytest.raises(Crash):
        approve(office.desk, ALICE, office.integration.id, run.id)
    office.desk = office.host.desk = plain
    _resume(office)
    office.host.work()
    found = office.found(run)
    done = found if not found.held else go_on(office, found)
    assert (done.status, office.phones(ids)) == (RunStatus.SUCCEEDED, ["2"] * 10)


@pytest.mark.parametrize("commit", range(1, 4))
def test_an_approved_run_that_is_killed_counts_what_it_did_before(commit: int) -> None:
    office, ids, run = held(**SPREAD)
    plain = office.desk
    failing(office, "records", "commit", Crash(), done_first=frozenset({commit}))
    with pytest.raises(Crash):
        go_on(office, run)
    office.desk = office.host.desk = plain
    _resume(office)
    assert suppliers(office.work(run)) == Tally(read=10, updated=10)
    assert office.phones(ids) == ["2"] * 10


def test_a_cancelled_run_is_not_held_and_changes_nothing_that_it_may_not() -> None:
    office, ids = open_phones(10, **SPREAD)
    office.call(ids, "2")
    run = office.begin(entities=(SUPPLIERS,))
    office.company.before_page = lambda: _cancel(office, run)
    found = office.work(run)
    assert (found.status, found.held, office.phones(ids)) == (RunStatus.CANCELLED, False, ["1"] * 10)


def _cancel(office: PhoneOffice, run: Run) -> None:
    if len(office.source.asked) > 8:
        office.desk.runs.save(replace(office.found(run), cancel_requested=True))


def _resume(office: PhoneOffice) -> None:
    office.clock.pass_by(11)
    settle(sweep(office.desk, office.host))
