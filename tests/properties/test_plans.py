"""Laws of planning, staging, verdicts, schedules and watermarks."""

from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from sync.engine import planning
from sync.engine.buckets import bucket_count, bucket_of
from sync.engine.schedule import LONGEST_JITTER, check, jitter, next_after
from sync.engine.staging import buckets_in, pack, unpack
from sync.engine.totals import combined, judge
from sync.model.entity import EntityType
from sync.model.record import Arrival
from sync.model.run import Run, RunKind, RunTrigger, Tally, Verdict, Watermark
from tests.properties.arrivals import moments, pages, powers
from tests.support.company import START

numbers = st.text("0123456789ABZ-", min_size=1, max_size=4)
boundary_lists = st.lists(numbers, max_size=8).map(lambda found: tuple(sorted(found)))
tallies = st.builds(Tally, *[st.integers(0, 9)] * 6)
spans = st.timedeltas(timedelta(0), timedelta(days=400))


def field(low: int, high: int) -> st.SearchStrategy[str]:
    """Return one field of a schedule."""
    number = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: f"{min(pair)}-{max(pair)}")
    return st.just("*") | number | span | st.integers(1, high).map(lambda step: f"*/{step}")


schedules = st.tuples(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map(" ".join)


def run_of(kind: RunKind, since: datetime | None, *, whole: bool, queued: datetime) -> Run:
    return Run(
        "run", "int", kind, RunTrigger.MANUAL, tuple(EntityType), queued_at=queued, modified_since=since, whole=whole
    )


runs = st.builds(run_of, st.sampled_from(RunKind), st.none() | moments, whole=st.booleans(), queued=moments)


@given(boundary_lists, numbers)
def test_ranges_cover_every_number_exactly_once(boundaries: tuple[str, ...], number: str) -> None:
    found = [
        span
        for span in planning.ranges_between(EntityType.SUPPLIERS, boundaries)
        if (span.low is None or number >= span.low) and (span.high is None or number < span.high)
    ]
    assert len(found) == 1


@given(boundary_lists)
def test_each_range_begins_where_the_one_before_ends(boundaries: tuple[str, ...]) -> None:
    ranges = planning.ranges_between(EntityType.PRODUCTS, boundaries)
    assert [each.low for each in ranges[1:]] == [each.high for each in ranges[:-1]]
    assert (ranges[0].low, ranges[-1].high) == (None, None)


@given(st.integers(0, 10**7), powers, st.integers(1, 10**5))
def test_groups_are_never_more_than_the_buckets_and_hold_everything(expected: int, buckets: int, size: int) -> None:
    groups = planning.group_count(expected, buckets=buckets, size=size)
    assert 1 <= groups <= buckets
    assert groups == buckets or groups * size >= expected


@given(runs, st.none() | moments, spans)
@example(run_of(RunKind.DELTA, START, whole=True, queued=START), START, timedelta(minutes=10))
def test_a_window_that_moves_the_watermark_begins_where_a_delta_would(
    run: Run, stored: datetime | None, overlap: timedelta
) -> None:
    found = planning.reach(run, stored, overlap=overlap)
    joins = found.since is None or (stored is not None and found.since <= stored - overlap)
    assert joins or not found.moves_watermark


@given(runs, st.none() | moments, spans)
def test_a_window_that_moves_the_watermark_joins_what_was_read(
    run: Run, stored: datetime | None, overlap: timedelta
) -> None:
    found = planning.reach(run, stored, overlap=overlap)
    joins = found.since is None or (stored is not None and found.since <= stored)
    assert joins or not found.moves_watermark


@given(runs, st.none() | moments, spans)
def test_neither_a_retry_nor_a_part_of_the_types_moves_the_watermark(
    run: Run, stored: datetime | None, overlap: timedelta
) -> None:
    moves = planning.reach(run, stored, overlap=overlap).moves_watermark
    assert not moves or (run.whole and run.kind is not RunKind.RETRY)


@given(runs, st.none() | moments, spans)
def test_a_callers_time_is_taken_as_it_is(run: Run, stored: datetime | None, overlap: timedelta) -> None:
    asked = run.modified_since if run.kind is not RunKind.RETRY else None
    assert asked is None or planning.reach(run, stored, overlap=overlap).since == asked


@given(moments, st.lists(moments))
def test_a_watermark_is_the_latest_of_all_it_was_given_in_any_order(first: datetime, others: list[datetime]) -> None:
    mark = Watermark(first)
    for instant in others:
        assert mark.advanced_to(instant).instant >= mark.instant
        mark = mark.advanced_to(instant)
    assert mark.instant == max(first, *others, first)


@given(moments, spans)
def test_a_delta_never_begins_after_the_watermark(instant: datetime, overlap: timedelta) -> None:
    assert Watermark(instant).read_from(overlap) <= instant


@given(pages, powers, powers)
def test_a_page_is_unpacked_as_it_was_packed_each_arrival_in_its_own_group(
    arrived: list[Arrival], buckets: int, groups: int
) -> None:
    groups = min(groups, buckets)
    body, offsets = pack(arrived, buckets=buckets, groups=groups)
    found = [unpack(body[offsets[group] : offsets[group + 1]]) for group in range(groups)]
    for group, some in enumerate(found):
        listed = buckets_in(group, buckets=buckets, groups=groups)
        assert some == [each for each in arrived if bucket_of(each.key, buckets) in listed]
    assert (offsets[0], offsets[-1], len(offsets)) == (0, len(body), groups + 1)


@given(st.integers(1, 300), st.integers(1, 300))
def test_every_bucket_is_in_exactly_one_group(buckets: int, groups: int) -> None:
    groups = min(groups, buckets)
    listed = [bucket for group in range(groups) for bucket in buckets_in(group, buckets=buckets, groups=groups)]
    assert listed == list(range(buckets))


@given(st.integers(0, 10**8), st.binary(min_size=16, max_size=16))
def test_a_record_has_a_bucket_in_its_set(expected: int, key: bytes) -> None:
    count = bucket_count(expected)
    assert 0 <= bucket_of(key, count) < count


@given(st.lists(st.integers(0, 50), max_size=2).map(tuple), st.integers(0, 60))
def test_a_verdict_of_complete_means_that_nothing_is_missing(expected: tuple[int, ...], read: int) -> None:
    found = judge(expected, read, walked=True)
    assert (found.verdict is Verdict.COMPLETE) is (bool(expected) and read >= min(expected, default=0))
    assert found.missing == 0 or found.extra == 0


@given(st.lists(st.integers(0, 50), max_size=2).map(tuple), st.integers(0, 60), st.booleans())
def test_one_entity_type_alone_is_the_whole_run(expected: tuple[int, ...], read: int, walked: bool) -> None:  # noqa: FBT001 - hypothesis fills it
    found = judge(expected, read, walked=walked, gone=3)
    assert combined([found]) == found


@given(tallies, tallies, tallies)
def test_tallies_add_up_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    assert (one + two) + three == three + (two + one)
    assert one + Tally() == one


@given(schedules, moments)
def test_the_next_time_is_always_later_and_nothing_lies_between(schedule: str, moment: datetime) -> None:
    assert check(schedule) is None
    upcoming = next_after(schedule, moment)
    assert upcoming > moment
    assert next_after(schedule, upcoming - timedelta(seconds=1)) == upcoming


@given(schedules, moments, st.text(max_size=20))
def test_a_delayed_start_lies_before_the_next_one(schedule: str, moment: datetime, integration_id: str) -> None:
    first = next_after(schedule, moment)
    delay = jitter(integration_id, schedule, moment)
    assert timedelta(0) <= delay < LONGEST_JITTER
    assert first + delay < next_after(schedule, first)
