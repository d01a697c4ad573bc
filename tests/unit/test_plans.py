"""A plan tells what a run would do, row by row; applying it does that, or nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.codec import to_json
from sync.model.checkpoint import RunKey
from sync.model.conflict import Choice, Side
from sync.model.errors import InvalidError, NotFoundError, RefusedError, StateError
from sync.model.mapping import MappingVersion
from sync.model.proposal import Effect, Intent
from sync.model.record import SyncStatus
from sync.model.run import Run, RunFailure, RunKind, RunStatus, Tally, Verdict
from sync.services.desk import State, Step, sit_down
from sync.services.finishing import finish_run
from sync.services.integrations import Integrations
from sync.services.keeping import put_back, sweep_kept
from sync.services.plans import DiffFilter, PlannedRun
from sync.services.writing import write_group
from tests.support.desks import ALICE, connected
from tests.support.host import Crash, settle
from tests.support.office import PRODUCTS, SUPPLIERS, set_key, suppliers, twice
from tests.support.phones import PhoneOffice, open_phones
from tests.unit.test_everything_twice import failing, resume
from tests.unit.test_hearing import court, waiting

SIZES: list[dict[str, Any]] = [{}, {"page_size": 2, "group_size": 3}]
ALL = DiffFilter()


def planned(office: PhoneOffice, kind: RunKind = RunKind.FULL, **order: Any) -> Run:
    """Plan a run."""
    return office.sync(kind, intent=Intent.PLAN, **order)


def plan_of(office: PhoneOffice, run: Run) -> PlannedRun:
    return PlannedRun(office.desk, ALICE, office.integration.id, run.id)


def rows(office: PhoneOffice, run: Run, which: DiffFilter = ALL, limit: int = 500) -> list[tuple[str, str, Any]]:
    """Return what the plan tells: external id, action and fields."""
    page = plan_of(office, run).changes(run, which, cursor=None, limit=limit)
    return [(line["externalId"], line["action"], line["fields"]) for _, line in page.items]


def applied(office: PhoneOffice, run: Run) -> Run:
    """Apply a plan, and carry its run to its end."""
    resumed = plan_of(office, run).apply()
    settle(office.host.start(resumed, delay=timedelta(0)))
    return office.work(resumed)


def refusal(office: PhoneOffice, run: Run) -> str:
    with pytest.raises(StateError) as refused:
        plan_of(office, run).apply()
    return refused.value.code


@dataclass(frozen=True, slots=True)
class Scene:
    """An office where one vendor moved, one is new, one lost its name, one is gone, and all else is as it was."""

    office: PhoneOffice
    ids: tuple[str, ...]
    new: str


def scene(**policy: Any) -> Scene:
    office, ids = open_phones(8, **policy)
    office.call(ids[:1], "2")
    (new,) = office.add("New")
    office.company.put("vendors", ids[1], "")
    office.company.delete("vendors", ids[2])
    return Scene(office, ids, new)


@pytest.mark.parametrize("policy", SIZES)
def test_a_plan_tells_every_row_that_would_not_stay_as_it_is(policy: dict[str, Any]) -> None:
    it = scene(**policy)
    told = {external_id: (action, fields) for external_id, action, fields in rows(it.office, planned(it.office))}
    assert told[it.ids[0]] == ("update", {"phone": {"from": "1", "to": "2"}})
    assert told[it.ids[1]] == ("error", {})
    assert told[it.ids[2]] == ("gone", {})
    assert (told[it.new][0], told[it.new][1]["name"], len(told)) == ("create", {"from": None, "to": "New"}, 4)


@pytest.mark.parametrize("policy", SIZES)
def test_a_plan_counts_and_writes_nothing(policy: dict[str, Any]) -> None:
    it = scene(**policy)
    office = it.office
    before = (office.watermark(), office.logs(), office.current.last_synced_at)
    run = planned(office)
    assert suppliers(run) == Tally(read=8, created=1, updated=1, unchanged=5, errors=1)
    assert plan_of(office, run).gone(run)[SUPPLIERS] == 1
    assert (office.watermark(), office.logs(), office.current.last_synced_at) == before
    assert (office.phones(it.ids), office.record(it.new), office.failures(run)) == (["1"] * 8, None, ())
    assert all(office.kept(each).sync_status is SyncStatus.SYNCED for each in it.ids)


@pytest.mark.parametrize("policy", SIZES)
def test_an_applied_plan_does_what_it_told(policy: dict[str, Any]) -> None:
    it = scene(**policy)
    run = planned(it.office)
    done = applied(it.office, run)
    assert (done.id, done.totals, done.status) == (run.id, run.totals, RunStatus.PARTIAL)
    assert (it.office.phones(it.ids[:2]), it.office.kept(it.new).fields["name"]) == (["2", "1"], "New")
    assert not it.office.kept(it.ids[2]).present_in_source
    assert done.completeness[SUPPLIERS].gone == 1
    assert it.office.watermark() == run.window.until


def test_an_applied_plan_is_not_held_however_much_it_changes() -> None:
    office, ids = open_phones(8)
    office.call(ids, "")
    run = planned(office)
    assert (run.held, suppliers(applied(office, run)).updated) == (False, 8)


def test_the_first_run_can_be_planned() -> None:
    office, _ = open_phones()
    ids = office.add("A", "B")
    run = planned(office)
    assert [office.record(each) for each in ids] == [None, None]
    assert suppliers(applied(office, run)).created == 2


def test_a_delta_can_be_planned() -> None:
    office, ids = open_phones(8)
    office.sync(RunKind.DELTA)
    office.clock.pass_by(3600)
    office.call(ids[:2], "2")
    run = planned(office, RunKind.DELTA)
    assert len(rows(office, run)) == 2
    assert suppliers(applied(office, run)) == Tally(read=2, updated=2)


def test_rows_are_listed_page_by_page_and_by_kind() -> None:
    it = scene()
    office, run = it.office, planned(it.office)
    plan = plan_of(office, run)
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = plan.changes(run, ALL, cursor=cursor, limit=1)
        seen += [line["externalId"] for _, line in page.items]
        cursor = page.cursor
    assert (cursor, seen) == (None, [each for each, _, _ in rows(office, run)])
    assert [each for each, _, _ in rows(office, run, DiffFilter(effect=Effect.UPDATE))] == [it.ids[0]]
    assert rows(office, run, DiffFilter(entity=PRODUCTS)) == []


def test_very_many_rows_are_listed_without_a_gap() -> None:
    office, _ = open_phones()
    ids = set(office.add(*(f"V{number}" for number in range(250))))
    run = planned(office)
    plan = plan_of(office, run)
    pages = [plan.changes(run, ALL, cursor=None, limit=120)]
    while pages[-1].cursor is not None:
        pages.append(plan.changes(run, ALL, cursor=pages[-1].cursor, limit=120))
    assert [len(page.items) for page in pages] == [120, 120, 10]
    assert {line["externalId"] for page in pages for _, line in page.items} == ids


@pytest.mark.parametrize("cursor", ["", "?", "MXx4", "_w"])
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    office, _ = open_phones(1)
    run = planned(office)
    with pytest.raises(InvalidError):
        plan_of(office, run).changes(run, ALL, cursor=cursor, limit=1)


def test_a_run_is_no_plan() -> None:
    office, _ = open_phones(1)
    with pytest.raises(NotFoundError):
        plan_of(office, office.sync()).run()


def test_a_plan_is_shown_when_it_is_made() -> None:
    office, _ = open_phones(1)
    run = office.begin(intent=Intent.PLAN)
    assert refusal(office, run) == "RUN_ACTIVE"


def test_a_plan_that_failed_cannot_be_applied() -> None:
    office, _ = open_phones(1)
    office.source.troubles["page"] = [RefusedError("Broken"), RefusedError("Broken")]
    assert refusal(office, planned(office)) == "PLAN_FAILED"


def test_a_plan_is_applied_once() -> None:
    office, _ = open_phones(1)
    run = planned(office)
    applied(office, run)
    assert refusal(office, run) == "PLAN_APPLIED"


def test_a_plan_is_good_for_a_day() -> None:
    office, ids = open_phones(1)
    office.call(ids, "2")
    run = planned(office)
    office.clock.pass_by(86_400)
    assert (refusal(office, run), sweep_kept(office.desk)) == ("PLAN_EXPIRED", 1)
    assert office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS).plan is None


def spoil(it: Scene, how: str) -> None:
    """Change something after the plan was made."""
    office, company = it.office, it.office.company
    records, key = office.desk.records, set_key(SUPPLIERS)
    office.clock.pass_by(60)
    deeds: dict[str, Any] = {
        "a planned record changes": lambda: office.call(it.ids[:1], "3"),
        "another record changes": lambda: office.call(it.ids[4:5], "3"),
        "a record comes": lambda: office.add("Newer"),
        "a record goes": lambda: company.delete("vendors", it.ids[5]),
        "a platform edit": lambda: records.save(
            key, replace(office.kept(it.ids[0]), fields={**office.kept(it.ids[0]).fields, "phone": "9"})
        ),
        "another run": office.sync,
        "another company": lambda: office.change(
            connection=replace(office.current.connection, environment="Sandbox"),
        ),
    }
    deeds[how]()


SPOILS = (
    *("a planned record changes", "another record changes", "a record comes", "a record goes", "a platform edit"),
    *("another run", "another company"),
)


@pytest.mark.parametrize("policy", SIZES)
@pytest.mark.parametrize("how", SPOILS)
def test_a_plan_that_is_not_true_any_more_is_refused_and_changes_nothing(how: str, policy: dict[str, Any]) -> None:
    it = scene(**policy)
    run = planned(it.office)
    spoil(it, how)
    before = [it.office.record(each) for each in (*it.ids, it.new)]
    done = applied(it.office, run)
    assert (done.status, done.error.code if done.error else "") == (RunStatus.FAILED, "PLAN_STALE")
    assert [it.office.record(each) for each in (*it.ids, it.new)] == before
    assert refusal(it.office, run) == "PLAN_STALE"


def stale() -> tuple[PhoneOffice, Run]:
    """Return an office where a plan was applied that was not true any more, and its run."""
    it = scene()
    run = planned(it.office)
    spoil(it, "another record changes")
    return it.office, applied(it.office, run)


def test_a_refused_plan_claims_nothing_that_it_planned() -> None:
    _, done = stale()
    found = done.completeness[SUPPLIERS]
    assert suppliers(done) == Tally()
    assert (found.verdict, found.read, found.gone) == (Verdict.UNPROVEN, 8, 0)


def test_the_log_of_a_refused_plan_claims_nothing_that_it_planned() -> None:
    office, done = stale()
    assert [entry.records_affected for entry in office.logs(run_id=done.id)] == [0, 0]


def test_the_certificate_of_a_refused_plan_claims_nothing_that_it_planned() -> None:
    office, done = stale()
    found = office.desk.certificates.get(RunKey(done.integration_id, done.id))
    assert found is not None
    told = found.entities[SUPPLIERS]
    assert (found.verdict, told.created, told.updated) == (Verdict.UNPROVEN, 0, 0)


def test_an_applied_plan_that_fails_half_way_counts_what_it_has_written() -> None:
    it = scene(page_size=2, group_size=3)
    run = planned(it.office, entities=(SUPPLIERS,))
    resumed = plan_of(it.office, run).apply()
    bench, job = sit_down(it.office.desk, it.office.job(resumed, None)), it.office.job(resumed)
    write_group(it.office.desk, job, bench, SUPPLIERS)
    wrote = it.office.desk.checkpoints.read(job.key, SUPPLIERS).groups[0].tally
    finish_run(it.office.desk, job, [Step(State.FAILED, failure=RunFailure("BROKEN", "Broken"))])
    assert suppliers(it.office.found(run)) == wrote != suppliers(run)


def test_what_is_touched_without_a_change_does_not_spoil_a_plan() -> None:
    it = scene()
    run = planned(it.office)
    it.office.clock.pass_by(60)
    it.office.call(it.ids[:1], "2")
    it.office.call(it.ids[3:4], "1")
    assert applied(it.office, run).totals == run.totals


def test_a_record_of_another_source_is_a_planned_conflict() -> None:
    office, ids = open_phones(3)
    other = connected(office.desk)
    office.desk.integrations.save(replace(other, connection=replace(other.connection, environment="Sandbox")))
    office.integration = other
    run = planned(office, entities=(SUPPLIERS,))
    assert (suppliers(run).conflicts, {action for _, action, _ in rows(office, run)}) == (3, {"conflict"})
    assert suppliers(applied(office, run)).conflicts == 3
    again = planned(office, entities=(SUPPLIERS,))
    assert (suppliers(again).conflicts, len(rows(office, again))) == (3, 3)
    assert office.phones(ids) == ["1"] * 3


@pytest.mark.parametrize("policy", SIZES)
def test_every_step_of_a_plan_may_happen_twice(policy: dict[str, Any]) -> None:
    it = scene(**policy)
    it.office.host.around = twice
    run = planned(it.office)
    assert applied(it.office, run).totals == run.totals


@pytest.mark.parametrize("commit", [1, 2])
def test_an_applied_plan_that_is_killed_half_way_goes_on(commit: int) -> None:
    it = scene()
    office, run = it.office, planned(it.office)
    plain = office.desk
    failing(office, "records", "commit", Crash(), done_first=frozenset({commit}))
    with pytest.raises(Crash):
        applied(office, run)
    office.desk = office.host.desk = plain
    resume(office)
    assert office.work(run).totals == run.totals


def test_a_plan_forgets_no_failure() -> None:
    office, _ = open_phones(2)
    (bad,) = office.add("")
    office.sync()
    office.company.delete("vendors", bad)
    office.clock.pass_by(3600)
    planned(office, RunKind.DELTA)
    known = office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9)
    assert [failure.external_id for failure in known] == [bad]


def test_a_plan_does_not_overtake_a_held_run() -> None:
    office, ids = open_phones(8)
    office.call(ids, "2")
    held = office.sync()
    planned(office)
    assert (office.found(held).held, sweep_kept(office.desk)) == (True, 0)


def test_a_mapping_that_tells_no_changes_is_read_again_as_a_whole() -> None:
    it = scene()
    office = it.office
    document = to_json(office.desk.mapping(office.sync(entities=(PRODUCTS,)), SUPPLIERS).rules)
    source: Any = {**dict(document["source"]), "modifiedField": None}  # type: ignore[arg-type]  # JSON
    version = MappingVersion(office.integration.id, SUPPLIERS, 2, {**document, "source": source})
    office.desk.mappings.add(version)
    run = planned(office)
    asked = len(office.source.asked)
    assert applied(office, run).totals == run.totals
    assert office.source.asked[asked].since is None


def test_only_the_newest_plan_is_kept() -> None:
    it = scene()
    first, second = planned(it.office), planned(it.office)
    with pytest.raises(StateError) as refused:
        plan_of(it.office, first).changes(first, ALL, cursor=None, limit=1)
    assert (refused.value.code, refused.value.facts) == ("PLAN_STALE", {"runId": second.id})
    assert it.office.desk.checkpoints.read(RunKey(first.integration_id, first.id), SUPPLIERS).plan is None
    assert len(rows(it.office, second)) == 4


def test_a_removed_integration_keeps_no_plan() -> None:
    it = scene()
    office, run = it.office, planned(it.office)
    Integrations(office.desk.integrations, office.desk).delete(ALICE, run.integration_id, purge=True)  # type: ignore[arg-type]  # one kind
    left = office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS)
    assert (left.plan, office.desk.leases.list("plan_")) == (None, ())


def test_a_plan_makes_no_record_set() -> None:
    office, _ = open_phones()
    office.add("A")
    planned(office)
    assert office.desk.records.find_set(set_key(SUPPLIERS)) is None


def test_a_set_that_was_made_since_is_looked_at() -> None:
    office, _ = open_phones()
    office.add("A", "B")
    run = planned(office)
    office.sync()
    done = applied(office, run)
    assert (done.status, done.error and done.error.code) == (RunStatus.FAILED, "PLAN_STALE")


def test_a_set_of_another_size_makes_a_plan_too_late() -> None:
    office, _ = open_phones()
    office.add("A", "B")
    run = planned(office)
    office.desk.records.open_set(set_key(SUPPLIERS), expected=5000)
    done = applied(office, run)
    assert (done.status, done.error and done.error.code) == (RunStatus.FAILED, "PLAN_STALE")


def test_a_run_that_goes_on_already_is_not_put_back() -> None:
    it = scene()
    run = planned(it.office)
    done = applied(it.office, run)
    put_back(it.office.desk, run)
    assert it.office.found(run) == done


def test_a_record_that_was_left_to_another_source_is_no_planned_conflict() -> None:
    office, ids = open_phones(3)
    other = connected(office.desk)
    office.desk.integrations.save(replace(other, connection=replace(other.connection, environment="Sandbox")))
    office.integration = other
    office.sync(entities=(SUPPLIERS,))
    for conflict in waiting(office):
        court(office).resolve(conflict, Choice(Side.PLATFORM), by=ALICE)
    office.clock.pass_by(60)
    office.call(ids, "7")
    run = planned(office, entities=(SUPPLIERS,))
    assert (suppliers(run), rows(office, run)) == (Tally(read=3, unchanged=3), [])


def test_an_arrival_that_is_too_large_to_be_stored_is_a_planned_error() -> None:
    office, ids = open_phones(3)
    other = connected(office.desk)
    office.desk.integrations.save(replace(other, connection=replace(other.connection, environment="Sandbox")))
    office.integration = other
    office.call(ids[:1], "7" * 40_000)
    run = planned(office, entities=(SUPPLIERS,))
    assert [action for _, action, _ in rows(office, run)] == ["error", "conflict", "conflict"]
