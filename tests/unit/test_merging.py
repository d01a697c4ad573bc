"""A merge at work: what travels, what is left alone, and what is remembered and told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sync.model.contract_link import ContractLink
from sync.model.errors import (
    NotFoundError,
    RecordError,
    RefusedError,
    RetryLaterError,
    StaleRecordError,
    StateError,
    SyncError,
)
from sync.model.field_sync import ConflictPolicy, Direction, Operation
from sync.model.log import Action, LogStatus
from sync.model.merge import MergeReport
from sync.services import contests, merging
from sync.storage.memory_links import MemoryLinkStore
from tests.support.two_sides import CONTRACT, CUSTOMER_NAME, OWN, RELATED, Killed, Sides, pair

TOO_LONG = RecordError("Too long", code="VALUE_TOO_LONG")
READ_ONLY = RefusedError("Closed", code="RECORD_READ_ONLY")
LATER = RetryLaterError("Later", delay=5)


class Restless(MemoryLinkStore):
    """Links that somebody else always writes first."""

    def save(self, link: ContractLink) -> ContractLink:
        raise StaleRecordError("Too late")


def codes(report: MergeReport) -> list[str]:
    return [each.code for each in report.skipped]


def told(sides: Sides) -> list[tuple[Action, LogStatus, int]]:
    return [(each.action, each.status, each.records_affected) for each in sides.logs]


def test_a_change_in_dynamics_goes_to_oneflow() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    report = sides.push()
    assert [(each.before, each.after) for each in report.updated] == [("old", "new")]
    assert (sides.both, sides.memory.value) == (("new", "new"), "new")


def test_a_change_in_oneflow_goes_to_dynamics() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    report = sides.fetch()
    assert [(each.before, each.after) for each in report.updated] == [("old", "new")]
    assert (sides.both, sides.memory.value) == (("new", "new"), "new")


def test_an_echo_writes_nothing_and_changes_nothing() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    sides.merge()
    before = (sides.written, sides.link, sides.logs)
    sides.merge()
    assert (sides.written, sides.link, sides.logs) == before


def test_only_changed_columns_are_sent() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(oneflow="new")
    sides.merge()
    assert sides.dynamics.sent == [(OWN, {"name": "new"})]


def test_both_sides_may_change_different_fields() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(dynamics="here")
    sides.oneflow.edit(f_description="there")
    sides.merge()
    assert (sides.both[1], sides.dynamics.held[OWN]["description"]) == ("here", "there")
    assert told(sides) == [(Action.FETCH, LogStatus.SUCCESS, 1), (Action.PUSH, LogStatus.SUCCESS, 1)]


def test_a_related_row_is_written_with_its_own_version() -> None:
    sides = Sides((pair(), CUSTOMER_NAME))
    sides.oneflow.edit(f_name="topic", f_customer="Litware")
    sides.merge()
    assert sides.dynamics.sent == [(OWN, {"name": "topic"}), (RELATED, {"name": "Litware"})]


def test_an_empty_lookup_leaves_nothing_to_write_to() -> None:
    sides = Sides((CUSTOMER_NAME,))
    sides.dynamics.edit(OWN, _parentaccountid_value=None)
    sides.dynamics.edit(RELATED, name=None)
    sides.merge()
    sides.oneflow.edit(f_customer="Litware")
    sides.merge()
    assert sides.dynamics.sent == []


def test_both_changed_is_a_conflict_that_keeps_the_time_of_its_detection() -> None:
    sides = Sides()
    sides.edit(dynamics="here", oneflow="there")
    first = sides.merge()
    detected = sides.memory.conflict
    sides.clock.pass_by(60)
    sides.merge()
    assert [(each.base, each.dynamics, each.oneflow) for each in first.conflicts] == [("old", "here", "there")]
    assert (sides.memory.conflict, sides.written) == (detected, 0)


def test_a_conflict_that_moves_has_its_new_values() -> None:
    sides = Sides()
    sides.edit(dynamics="here", oneflow="there")
    sides.merge()
    sides.clock.pass_by(60)
    sides.edit(oneflow="elsewhere")
    sides.merge()
    conflict = sides.memory.conflict
    assert conflict is not None
    assert (conflict.detected_at, conflict.texts["oneflow"]) == (sides.clock.now(), "elsewhere")


def test_a_conflict_that_a_notice_meets_is_logged_once() -> None:
    sides = Sides()
    sides.edit("here", "there")
    for _ in range(2):
        sides.merge()
        sides.clock.pass_by(60)
    (entry,) = sides.logs
    assert (entry.action, entry.records_affected, entry.metadata["conflicts"]) == (Action.FETCH, 0, 1)


def test_a_conflict_that_moves_is_logged_again() -> None:
    sides = Sides()
    for text in ("there", "elsewhere"):
        sides.edit("here", text)
        sides.merge()
        sides.clock.pass_by(60)
    assert len(sides.logs) == 2


def test_a_conflict_beside_what_was_written_is_counted_there_and_nowhere_else() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit("here", "there")
    sides.dynamics.edit(OWN, description="new")
    sides.merge()
    (entry,) = sides.logs
    assert (entry.action, entry.metadata["conflicts"]) == (Action.PUSH, 1)


def test_a_conflict_that_a_person_met_is_not_logged_by_a_notice() -> None:
    sides = Sides()
    sides.edit("here", "there")
    sides.push()
    sides.clock.pass_by(60)
    sides.merge()
    assert [entry.action for entry in sides.logs] == [Action.PUSH]


@pytest.mark.parametrize("values", [("there", "there"), ("old", "there"), ("here", "old")])
def test_a_conflict_ends_when_one_side_gives_way(values: tuple[str, str]) -> None:
    sides = Sides()
    sides.edit(dynamics="here", oneflow="there")
    sides.merge()
    sides.edit(*values)
    sides.merge()
    assert sides.memory.conflict is None
    assert len({*sides.both}) == 1


def test_a_dry_run_writes_nothing_at_all() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    before = sides.link
    report = merging.work(sides.desk, sides.bridge, before, Operation.PUSH, trigger="manual", dry_run=True)
    assert [each.after for each in report.updated] == ["new"]
    assert (sides.written, sides.link, sides.logs) == (0, before, ())


def test_a_push_by_hand_is_logged_even_when_nothing_was_to_do() -> None:
    sides = Sides()
    sides.push()
    assert told(sides) == [(Action.PUSH, LogStatus.SUCCESS, 0)]
    assert sides.link.last_pushed_at == sides.clock.now()


def test_a_fetch_by_hand_is_logged_even_when_nothing_was_to_do() -> None:
    sides = Sides()
    sides.fetch()
    assert told(sides) == [(Action.FETCH, LogStatus.SUCCESS, 0)]
    assert sides.link.last_fetched_at == sides.clock.now()


def test_somebody_else_writing_in_between_makes_the_merge_look_again() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(oneflow="new")
    edits = iter(["while it was read"])

    def step(name: str) -> None:
        if name == "dynamics.update":
            for text in edits:
                sides.dynamics.edit(OWN, description=text)

    sides.dynamics.step = step
    sides.merge()
    assert (sides.both, sides.oneflow.texts["f_description"]) == (("new", "new"), "while it was read")


def test_a_row_that_keeps_changing_is_left_alone_in_the_end() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.dynamics.step = lambda name: sides.dynamics.edit(OWN, other=1) if name == "dynamics.update" else None
    report = sides.merge()
    assert (codes(report), sides.dynamics.sent) == (["KEEPS_CHANGING"], [])
    assert told(sides) == [(Action.FETCH, LogStatus.PARTIAL, 0)]


@pytest.mark.parametrize("problem", [TOO_LONG, RefusedError("Secured", code="COLUMN_FORBIDDEN")])
def test_one_refused_column_does_not_stop_the_others(problem: SyncError) -> None:
    sides = Sides((pair(), pair("description"), pair("stepname")))
    sides.oneflow.edit(f_name="1", f_description="2", f_stepname="3")
    sides.dynamics.refusals = {"description": problem}
    report = sides.merge()
    assert [each.after for each in report.updated] == ["1", "3"]
    assert codes(report) == [problem.code]
    assert told(sides) == [(Action.FETCH, LogStatus.PARTIAL, 1)]


def test_a_refused_value_is_not_sent_again_until_it_changes() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.dynamics.refusals = {"name": TOO_LONG}
    sides.merge()
    sides.dynamics.refusals = {}
    assert (codes(sides.merge()), sides.dynamics.sent, len(sides.logs)) == (["VALUE_TOO_LONG"], [], 1)
    sides.edit(oneflow="newer")
    sides.merge()
    assert sides.both == ("newer", "newer")


def test_a_person_may_ask_for_a_refused_value_again() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.dynamics.refusals = {"name": TOO_LONG}
    sides.merge()
    sides.dynamics.refusals = {}
    sides.fetch()
    assert sides.both == ("new", "new")


def test_a_value_that_dynamics_did_not_keep_is_told_and_not_sent_again() -> None:
    sides = Sides()
    sides.dynamics.stores = lambda _, value: value.upper()
    sides.edit(oneflow="new")
    report = sides.merge()
    assert (codes(report), sides.memory.value) == (["VALUE_NOT_KEPT"], "NEW")
    sides.merge()
    assert (sides.written, sides.both) == (1, ("NEW", "new"))


def test_a_data_field_of_the_systems_own_is_told_and_not_sent_again() -> None:
    sides = Sides()
    sides.oneflow.system = frozenset({"f_name"})
    sides.edit(dynamics="new")
    assert (codes(sides.merge()), sides.memory.value) == (["VALUE_NOT_KEPT"], "old")
    sides.merge()
    assert len(sides.oneflow.sent) == 1


def test_a_value_that_somebody_typed_right_after_ours_is_theirs() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    edits = iter(["theirs"])

    def step(_: str) -> None:
        if sides.oneflow.sent:
            for text in edits:
                sides.edit(oneflow=text)

    sides.oneflow.step = step
    sides.merge()
    sides.merge()
    assert sides.both == ("theirs", "theirs")


def test_one_refused_data_field_does_not_stop_the_others() -> None:
    sides = Sides((pair(), pair("description")))
    sides.dynamics.edit(OWN, name="1", description="2")
    sides.oneflow.refusals = {"f_name": RefusedError("No", status=400)}
    report = sides.merge()
    assert [each.after for each in report.updated] == ["2"]
    assert codes(report) == ["SOURCE_REFUSED"]


def test_an_unknown_data_field_does_not_stop_the_others() -> None:
    sides = Sides((pair(), pair("description")))
    sides.dynamics.edit(OWN, name="1", description="2")
    sides.oneflow.refusals = {"f_name": RefusedError("No", status=404, code="CONTRACT_GONE")}
    report = sides.merge()
    assert ([each.after for each in report.updated], codes(report)) == (["2"], ["FIELD_MISSING"])


def test_a_data_field_that_the_contract_lacks_is_a_problem_and_no_conflict() -> None:
    sides = Sides((pair(), pair("description")))
    del sides.oneflow.texts["f_name"]
    sides.dynamics.edit(OWN, name="1", description="2")
    report = sides.merge()
    assert (codes(report), report.conflicts, sides.oneflow.sent) == (["FIELD_MISSING"], (), [{"f_description": "2"}])


def test_a_time_out_after_the_work_was_done_is_found_out() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    _fail_after(sides, "oneflow.write")
    report = sides.push()
    assert ([each.after for each in report.updated], sides.both) == (["new"], ("new", "new"))
    assert len(sides.oneflow.sent) == 1


def test_a_contract_that_is_signed_midway_refuses_a_push() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    sides.oneflow.refusals = {"f_name": RefusedError("Signed", status=409, code="CONTRACT_LOCKED")}
    with pytest.raises(RefusedError, match="Signed"):
        sides.push()


@pytest.mark.parametrize("trigger", ["manual", "webhook"])
def test_a_time_out_before_the_work_was_done_claims_nothing(trigger: str) -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    sides.oneflow.troubles = {"write": LATER}
    with pytest.raises(RetryLaterError):
        sides.merge(Operation.PUSH, trigger=trigger)
    assert told(sides) == ([(Action.PUSH, LogStatus.ERROR, 0)] if trigger == "manual" else [])


def test_a_time_out_on_one_side_does_not_stop_the_other() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(dynamics="here")
    sides.oneflow.edit(f_description="there")
    sides.oneflow.troubles = {"write": LATER}
    with pytest.raises(RetryLaterError):
        sides.merge()
    assert told(sides) == [(Action.FETCH, LogStatus.SUCCESS, 1)]


def test_a_closed_record_refuses_a_fetch_by_hand() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.dynamics.refusals = {"name": READ_ONLY}
    with pytest.raises(RefusedError, match="Closed"):
        sides.fetch()
    assert told(sides) == [(Action.FETCH, LogStatus.ERROR, 0)]


def test_a_closed_record_is_told_once_in_the_background_and_tried_again() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.dynamics.refusals = {"name": READ_ONLY}
    reports = [sides.merge(), sides.merge()]
    assert ([codes(each) for each in reports], len(sides.logs)) == ([["RECORD_READ_ONLY"]] * 2, 1)
    sides.dynamics.refusals = {}
    sides.merge()
    assert sides.both == ("new", "new")


def test_a_closed_related_row_does_not_stop_the_record() -> None:
    sides = Sides((CUSTOMER_NAME, pair("description")))
    sides.oneflow.edit(f_customer="1", f_description="2")
    sides.dynamics.refusals = {"name": READ_ONLY}
    report = sides.fetch()
    assert ([each.after for each in report.updated], codes(report)) == (["2"], ["RECORD_READ_ONLY"])


@pytest.mark.parametrize("state", ["signed", "declined"])
@pytest.mark.parametrize("operation", [Operation.PUSH, Operation.OVERWRITE])
def test_a_contract_that_takes_no_changes_refuses_a_push(state: str, operation: Operation) -> None:
    sides = Sides()
    sides.oneflow.state = state
    with pytest.raises(StateError) as refused:
        sides.merge(operation, trigger="manual")
    assert (refused.value.code, sides.link.state) == ("CONTRACT_LOCKED", state)


def test_a_signed_contract_can_be_fetched_from() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    sides.oneflow.state = "signed"
    sides.fetch()
    assert sides.both == ("new", "new")


def test_in_the_background_nothing_is_sent_to_a_signed_contract() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(dynamics="here")
    sides.oneflow.edit(f_description="there")
    sides.oneflow.state = "signed"
    report = sides.merge()
    assert ([each.after for each in report.updated], codes(report)) == (["there"], ["CONTRACT_LOCKED"])


def test_a_contract_that_is_gone_is_remembered_so() -> None:
    sides = Sides()
    sides.oneflow.gone = True
    with pytest.raises(RefusedError) as gone:
        sides.push()
    assert (gone.value.code, sides.link.state) == ("CONTRACT_GONE", "deleted")


def test_a_record_that_is_gone_is_told() -> None:
    sides = Sides()
    del sides.dynamics.held[OWN]
    with pytest.raises(RefusedError) as gone:
        sides.merge()
    assert gone.value.code == "RECORD_GONE"


def test_a_field_that_goes_back_and_forth_rests_and_goes_on_later() -> None:
    sides = Sides()
    for turn in range(4):
        sides.edit(dynamics=f"here {turn}")
        sides.merge()
        sides.edit(oneflow=f"there {turn}")
        last = sides.merge()
    assert codes(last) == ["FIELD_FLIPPING"]
    assert sum(entry.status is LogStatus.PARTIAL for entry in sides.logs) == 1
    sides.clock.pass_by(600)
    sides.merge()
    assert sides.both == ("there 3", "there 3")


def test_one_merge_of_a_contract_at_a_time() -> None:
    sides = Sides()
    key, now = merging.lease_key(sides.link), sides.clock.now()
    sides.desk.leases.acquire(key, "another", until=now + merging.LEASE, now=now, facts={})
    with pytest.raises(StateError) as busy:
        sides.push()
    assert busy.value.code == "CONTRACT_BUSY"


def test_the_next_merge_waits_for_the_one_at_work() -> None:
    sides = Sides()
    key, now = merging.lease_key(sides.link), sides.clock.now()
    sides.desk.leases.acquire(key, "another", until=now + merging.LEASE, now=now, facts={})
    desk = sides.desk
    object.__setattr__(desk, "pause", lambda _: desk.leases.release(key, "another"))
    assert sides.push().unchanged == 1


def test_reconciling_a_contract_without_a_link_is_nothing() -> None:
    sides = Sides()
    assert merging.reconcile(sides.desk, sides.bridge, 77, trigger="webhook") is None


def test_reconciling_a_contract_brings_both_sides_together() -> None:
    sides = Sides()
    sides.edit(oneflow="new")
    report = merging.reconcile(sides.desk, sides.bridge, CONTRACT, trigger="webhook")
    assert report is not None
    assert [each.after for each in report.updated] == ["new"]


@pytest.mark.parametrize("operation", Operation)
def test_a_field_synced_once_is_left_alone(operation: Operation) -> None:
    sides = Sides((pair(direction=Direction.ONCE),))
    sides.edit(dynamics="here", oneflow="there")
    assert (codes(sides.merge(operation)), sides.written) == (["SYNC_ONCE"], 0)


@pytest.mark.parametrize(
    ("policy", "winner"), [(ConflictPolicy.DYNAMICS_WINS, "here"), (ConflictPolicy.ONEFLOW_WINS, "there")]
)
def test_what_a_policy_overwrites_is_told_in_the_log(policy: ConflictPolicy, winner: str) -> None:
    sides = Sides((pair(policy=policy),))
    sides.edit(dynamics="here", oneflow="there")
    sides.merge()
    assert sides.both == (winner, winner)
    (field,) = sides.logs[0].metadata["fields"]
    assert {field["from"], field["to"]} == {"here", "there"}


def test_a_conflict_of_a_field_that_is_mapped_no_more_ends() -> None:
    sides = Sides()
    sides.edit(dynamics="here", oneflow="there")
    sides.merge()
    mapping = sides.desk.mappings.get(sides.bridge.id, "opportunity")
    assert mapping is not None
    object.__setattr__(mapping, "fields", ())
    sides.merge()
    assert sides.link.conflicts == {}


def test_a_link_that_is_gone_stops_a_merge() -> None:
    sides = Sides()
    link = sides.link
    sides.desk.links.clear(sides.bridge.id)
    with pytest.raises(NotFoundError):
        merging.work(sides.desk, sides.bridge, link, Operation.PUSH, trigger="manual")


def test_a_link_that_goes_while_it_is_merged_stops_the_merge_before_it_writes() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    sides.oneflow.step = lambda _: sides.desk.links.clear(sides.bridge.id)
    with pytest.raises(NotFoundError):
        sides.push()
    assert sides.oneflow.sent == []


def test_what_others_note_of_a_link_meanwhile_stays() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    edits = iter([{"name": "Jim"}])

    def step(_: str) -> None:
        for people in edits:
            sides.desk.links.save(replace(sides.link, people=people))

    sides.dynamics.step = step
    sides.push()
    assert (sides.link.people, sides.memory.value) == ({"name": "Jim"}, "new")


def forget(sides: Sides) -> None:
    """Write the fields of a link as another merge would."""
    sides.desk.links.save(replace(sides.link, fields={}))


def test_a_merge_whose_place_another_one_took_stops_before_it_writes() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    sides.dynamics.step = lambda _: forget(sides)
    with pytest.raises(StaleRecordError):
        sides.push()
    assert sides.oneflow.sent == []


def test_a_link_that_others_change_all_the_time_is_given_up() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    links = Restless()
    links.create(sides.link)
    sides.desk = replace(sides.desk, links=links)
    with pytest.raises(StaleRecordError):
        sides.push()


def test_a_refusal_to_show_the_contract_is_told() -> None:
    sides = Sides()
    sides.oneflow.troubles = {"contract": RefusedError("No", status=403, code="ONEFLOW_FORBIDDEN")}
    with pytest.raises(RefusedError, match="No"):
        sides.push()
    assert (told(sides), sides.link.state) == ([(Action.PUSH, LogStatus.ERROR, 0)], "pending")


def test_a_record_that_closes_midway_is_told() -> None:
    sides = Sides((pair(), pair("description")))
    sides.oneflow.edit(f_name="1", f_description="2")
    sides.dynamics.refusals = {"name": TOO_LONG, "description": READ_ONLY}
    with pytest.raises(RefusedError, match="Closed"):
        sides.fetch()


def test_a_field_without_a_memory_gets_one() -> None:
    sides = Sides((pair(), pair("description")))
    sides.desk.links.save(replace(sides.link, fields={}))
    sides.merge()
    assert sides.memory.value == "old"


def test_a_value_that_cannot_be_read_is_told_once() -> None:
    sides = Sides((pair("estimatedvalue"),), agreed="1")
    sides.dynamics.edit(OWN, estimatedvalue=Decimal(1))
    sides.merge()
    sides.edit(oneflow="a lot")
    reports = [sides.merge(), sides.merge()]
    assert ([codes(each) for each in reports], len(sides.logs)) == ([["NOT_A_NUMBER"]] * 2, 1)


def test_a_value_that_oneflow_does_not_take_is_told() -> None:
    sides = Sides((pair("description"),))
    sides.edit(dynamics="x" * 1025)
    assert codes(sides.push()) == ["VALUE_TOO_LONG"]
    assert told(sides) == [(Action.PUSH, LogStatus.PARTIAL, 0)]


def killed_after(sides: Sides, name: str) -> None:
    """Let a merge write to Oneflow, and die right after."""
    deaths = iter([None, Killed()])

    def step(which: str) -> None:
        death = next(deaths, None) if which == name else None
        if death is not None:
            raise death

    sides.oneflow.step = step
    with pytest.raises(Killed):
        sides.merge()


def test_what_a_killed_merge_wrote_is_told_by_the_next_one() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    killed_after(sides, "oneflow.write")
    assert told(sides) == []
    sides.merge()
    assert [field["to"] for entry in sides.logs for field in entry.metadata["fields"]] == ["new"]
    assert len(sides.oneflow.sent) == 1


def test_what_a_killed_merge_wrote_is_told_before_it_is_written_over() -> None:
    sides = Sides()
    sides.edit(dynamics="new")
    killed_after(sides, "oneflow.write")
    sides.edit(dynamics="newer")
    sides.merge()
    told = [(field["from"], field["to"]) for entry in sides.logs for field in entry.metadata["fields"]]
    assert told == [("new", "newer"), ("old", "new")]


def test_what_a_killed_merge_wrote_is_told_when_another_field_is_decided_about() -> None:
    sides = Sides((pair(), pair("description")))
    sides.edit(dynamics="here", oneflow="there")
    sides.merge()
    sides.dynamics.edit(OWN, description="new")
    killed_after(sides, "oneflow.write")
    contest = contests.listed(sides.desk, sides.bridge, cursor=None, limit=9).items[0]
    contests.resolve(sides.desk, sides.bridge, contest, contests.Winner.ONEFLOW, by="alice")
    assert [entry.action for entry in sides.logs] == [Action.RESOLVE, Action.PUSH, Action.FETCH]
    assert (sides.both, sides.oneflow.texts["f_description"]) == (("there", "there"), "new")


def _fail_after(sides: Sides, name: str) -> None:
    """Let the second of a step's two calls fail: the work is done by then."""
    calls = iter([None, LATER])

    def step(which: str) -> None:
        error = next(calls, None) if which == name else None
        if error is not None:
            raise error

    sides.oneflow.step = sides.dynamics.step = step


def test_what_changed_in_dynamics_waits_for_a_push_unless_the_owner_wants_it_automatic() -> None:
    sides = Sides()
    sides.dynamics.edit(OWN, name="new")
    patient = replace(sides.bridge, settings={})
    report = merging.reconcile(sides.desk, patient, CONTRACT, trigger="webhook")
    assert report is not None
    assert [each.code for each in report.skipped] == ["NOT_AUTOMATIC"]
    assert report.problems == ()
    assert sides.both == ("new", "old")


def test_a_lookup_that_leads_to_another_row_takes_the_base_along() -> None:
    sides = Sides((CUSTOMER_NAME,))
    sides.fetch()
    other = ("account", "00000000-0000-4000-8000-0000000000bb")
    sides.dynamics.edit(other, name="old")
    sides.dynamics.edit(OWN, _parentaccountid_value=other[1])
    sides.oneflow.edit(f_customer="meant for the first")
    report = sides.fetch()
    assert [each.oneflow for each in report.conflicts] == ["meant for the first"]
    assert sides.dynamics.held[other]["name"] == "old"


def test_a_lookup_that_leads_to_another_row_with_the_same_value_goes_on_from_there() -> None:
    sides = Sides((CUSTOMER_NAME,))
    sides.fetch()
    other = ("account", "00000000-0000-4000-8000-0000000000bb")
    sides.dynamics.edit(other, name="old")
    sides.dynamics.edit(OWN, _parentaccountid_value=other[1])
    sides.fetch()
    sides.oneflow.edit(f_customer="meant for the second")
    sides.fetch()
    assert sides.dynamics.held[other]["name"] == "meant for the second"


def test_a_contract_that_somebody_has_signed_changes_only_when_somebody_pushes() -> None:
    sides = Sides()
    sides.dynamics.edit(OWN, name="new")
    sides.oneflow.signed = True
    report = merging.reconcile(sides.desk, sides.bridge, CONTRACT, trigger="webhook")
    assert report is not None
    assert (codes(report), sides.both) == (["ALREADY_SIGNED"], ("new", "old"))
    sides.push()
    assert sides.both == ("new", "new")
