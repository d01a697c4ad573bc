"""Laws of comparing what arrived with what is stored."""

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.buckets import record_key
from sync.engine.reconcile import (
    BucketPlan,
    after,
    is_as_stored,
    latest_by_key,
    of_run,
    parts,
    reconcile,
    retire,
)
from sync.model.manifest import IN_RUN, Manifest, Mark
from sync.model.record import Arrival
from sync.model.run import Tally
from tests.properties.arrivals import ids, manifests, pages

NAMES = {record_key(f"v-{number}"): f"v-{number}" for number in range(12)}


@given(manifests, pages)
def test_doing_it_again_changes_nothing_and_counts_the_same(manifest: Manifest, arrived: list[Arrival]) -> None:
    first = reconcile(manifest, arrived)
    second = reconcile(after(manifest, first.changes), arrived)
    assert (second.changes, second.tally) == ((), first.tally)


@given(manifests, pages)
def test_a_crash_between_two_parts_counts_the_same(manifest: Manifest, arrived: list[Arrival]) -> None:
    whole = reconcile(manifest, arrived)
    first, *_ = (*parts(whole.changes, rows=1, characters=1), ())
    assert reconcile(after(manifest, first), arrived).tally == whole.tally


@given(manifests, pages)
def test_the_counts_add_up_to_the_records_that_arrived(manifest: Manifest, arrived: list[Arrival]) -> None:
    tally = reconcile(manifest, arrived, taken={record_key("v-1"), record_key("v-2")}).tally
    counted = tally.created + tally.updated + tally.unchanged + tally.conflicts + tally.errors
    assert counted == tally.read == len({arrival.external_id for arrival in arrived})


@given(manifests, pages)
def test_an_unchanged_record_is_no_change(manifest: Manifest, arrived: list[Arrival]) -> None:
    plan = reconcile(manifest, arrived)
    changed = plan.tally.created + plan.tally.updated + plan.tally.errors + plan.tally.conflicts
    assert len(plan.changes) <= changed


@given(manifests, pages)
def test_no_arrival_without_a_fault_leaves_an_error_behind(manifest: Manifest, arrived: list[Arrival]) -> None:
    sound = [arrival for arrival in arrived if arrival.fault is None]
    known = after(manifest, reconcile(manifest, sound).changes).entries
    assert not any(known[arrival.key][1] & Mark.ERROR for arrival in sound)


@given(manifests, pages)
def test_the_next_run_finds_everything_unchanged(manifest: Manifest, arrived: list[Arrival]) -> None:
    sound = [arrival for arrival in arrived if arrival.fault is None]
    settled = of_run(after(manifest, reconcile(manifest, sound).changes), "run-2")
    tally = reconcile(settled, sound).tally
    assert (tally.created, tally.updated, tally.errors) == (0, 0, 0)


@given(manifests, pages, st.sampled_from(["run-1", "run-2", "run-3"]))
def test_a_bucket_that_is_as_it_was_stored_needs_no_second_look(
    manifest: Manifest, arrived: list[Arrival], run_id: str
) -> None:
    sound = [arrival for arrival in arrived if arrival.fault is None]
    stored = after(of_run(manifest, "run-2"), reconcile(of_run(manifest, "run-2"), sound).changes)
    latest = list(latest_by_key(sound).values())
    if is_as_stored(stored, latest, run_id):
        plan = reconcile(of_run(stored, run_id), latest)
        quiet = Tally(read=len(latest), unchanged=len(latest))
        assert plan == BucketPlan((), quiet, absent=0, gone=0, stored=len(latest))


@given(pages)
def test_what_a_run_created_is_as_it_was_stored_for_the_next_run_only(arrived: list[Arrival]) -> None:
    sound = list(latest_by_key([arrival for arrival in arrived if arrival.fault is None]).values())
    empty = Manifest("run-1")
    stored = after(empty, reconcile(empty, sound).changes)
    assert is_as_stored(stored, sound, "run-2")
    assert is_as_stored(stored, sound, "run-1") is not bool(sound)


@given(manifests, pages)
def test_what_was_taken_is_never_written_over(manifest: Manifest, arrived: list[Arrival]) -> None:
    taken = {arrival.key for arrival in arrived}
    changes = reconcile(manifest, arrived, taken=taken).changes
    assert not any(row is not None and row.fields is not None for _, _, row in changes)


@given(manifests, pages)
def test_retiring_twice_is_retiring_once(manifest: Manifest, arrived: list[Arrival]) -> None:
    keys = {arrival.key for arrival in arrived}
    changes = retire(manifest, keys, ids=NAMES)
    assert retire(after(manifest, changes), keys, ids=NAMES) == ()


@given(manifests, pages)
def test_as_many_rows_are_retired_as_were_absent(manifest: Manifest, arrived: list[Arrival]) -> None:
    stored = {key: entry for key, entry in manifest.entries.items() if not entry[1] & Mark.UNSTORED}
    known = Manifest(manifest.run_id, stored, manifest.version)
    plan = reconcile(known, arrived)
    written = after(known, plan.changes)
    assert len(retire(written, {arrival.key for arrival in arrived}, ids=NAMES)) == plan.absent


@given(manifests, pages)
def test_parts_are_the_changes_in_their_order(manifest: Manifest, arrived: list[Arrival]) -> None:
    changes = reconcile(manifest, arrived).changes
    split = list(parts(changes, rows=2, characters=40))
    assert tuple(change for part in split for change in part) == changes


@given(manifests, pages)
def test_no_part_is_larger_than_allowed_unless_one_row_is(manifest: Manifest, arrived: list[Arrival]) -> None:
    for part in parts(reconcile(manifest, arrived).changes, rows=2, characters=40):
        rows = [row for _, _, row in part if row is not None]
        size = sum(len(row.fields or "") + len(row.fault or "") for row in rows)
        assert part
        assert len(rows) <= 2
        assert size <= 40 or len(rows) == 1


@given(manifests, ids)
def test_a_run_begins_with_no_doings_and_otherwise_as_it_was_left(manifest: Manifest, run_id: str) -> None:
    busy = Manifest("run-0", {key: (digest, marks | Mark.UPDATED) for key, (digest, marks) in manifest.entries.items()})
    assert of_run(busy, run_id).entries == manifest.entries
    assert not any(marks & IN_RUN for _, marks in of_run(busy, run_id).entries.values())
