"""Arrivals, manifests and moments as hypothesis makes them."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from sync.engine.buckets import record_key
from sync.model.manifest import Manifest, Mark
from sync.model.record import Arrival, RecordFault

ids = st.sampled_from([f"v-{number}" for number in range(12)])
digests = st.sampled_from([b"digest-1", b"digest-2"])
stamps = st.sampled_from([None, "2026-01-05T08:00:00Z", "2026-01-05T08:00:00.003Z", "no time"])
faults = st.builds(RecordFault, st.text(max_size=3), st.text(max_size=3), st.just({"name": None, "ä": [1, "x"]}))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract


etags = st.sampled_from([None, 'W/"JzE5Oyc="', "two\nlines"])


def _arrival(
    external_id: str, digest: bytes, modified: str | None, fault: RecordFault | None, etag: str | None
) -> Arrival:
    key = record_key(external_id)
    return Arrival(external_id, key, digest if fault is None else b"", f'{{"of":"{digest!r}"}}', modified, fault, etag)


arrivals = st.builds(_arrival, ids, digests, stamps, st.none() | faults, etags)
pages = st.lists(arrivals, max_size=20)

marks = st.sampled_from(
    [
        Mark.NONE,
        Mark.ERROR,
        Mark.GONE,
        Mark.UNSTORED | Mark.ERROR,
        Mark.UNSTORED | Mark.CONFLICT,
        Mark.UNSTORED | Mark.CONFLICT | Mark.ERROR,
    ]
)
entries = st.dictionaries(ids.map(record_key), st.tuples(digests, marks), max_size=12)
manifests = entries.map(lambda known: Manifest("run-1", known, "1"))
"""Manifests at the start of a run: nothing was done in it yet."""

powers = st.integers(0, 8).map(lambda power: 1 << power)
