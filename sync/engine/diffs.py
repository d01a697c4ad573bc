"""Tells row by row what a run would do, as JSON lines in chunks that can be read one at a time."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched, groupby
from typing import Any

import orjson

from sync.engine.assess import field_changes
from sync.engine.reconcile import BucketPlan, latest_by_key
from sync.model.bucket import Change
from sync.model.manifest import Manifest, Mark
from sync.model.proposal import Chunk, Effect
from sync.model.record import Arrival, Record

CHUNK = 100
"""Records in a chunk."""

type Line = dict[str, Any]
"""`{externalId, action, fields: {name: {from, to}}}`, and `error` where there is one."""


def lines_of(
    manifest: Manifest, decided: BucketPlan, arrivals: Iterable[Arrival], rows: Mapping[str, Record]
) -> Iterator[Line]:
    """Yield what would become of each record of a bucket that would not stay as it is; `rows` are this source's."""
    latest = latest_by_key(tuple(arrivals))
    changes = {change[0]: change for change in decided.changes}
    for key, arrival in latest.items():
        marks = manifest.entries.get(key, (b"", Mark.NONE))[1]
        yield from _line(arrival, changes.get(key), marks, rows.get(arrival.external_id))


def gone_lines(rows: Iterable[Record], arrived: Iterable[str]) -> Iterator[Line]:
    """Yield the records that a proven full listing would mark as gone."""
    here = frozenset(arrived)
    for row in rows:
        if row.external_id not in here and row.present_in_source:
            yield _told(row.external_id, Effect.GONE)


def pack(lines: Iterable[Line]) -> tuple[bytes, tuple[Chunk, ...]]:
    """Return lines as bytes, sorted by what would be done, and where each chunk of them is."""
    ordered = sorted(lines, key=lambda line: (_ORDER[line["action"]], line["externalId"]))
    parts: list[bytes] = []
    chunks: list[Chunk] = []
    at = 0
    for effect, same in groupby(ordered, key=lambda line: Effect(line["action"])):
        for some in batched(same, CHUNK, strict=False):
            part = b"\n".join(map(orjson.dumps, some)) + b"\n"
            chunks.append(Chunk(effect, at, at + len(part), len(some)))
            parts.append(part)
            at += len(part)
    return b"".join(parts), tuple(chunks)


def unpack(part: bytes) -> list[Line]:
    """Return the lines of a chunk."""
    return [orjson.loads(line) for line in part.splitlines()]


def _line(arrival: Arrival, change: Change | None, marks: int, row: Record | None) -> Iterator[Line]:
    if arrival.fault is not None:
        error = {"code": arrival.fault.code, "error": arrival.fault.message}
        yield _told(arrival.external_id, Effect.ERROR) | {"error": error}
    elif change is None or change[2] is None or change[2].fields is None:
        told = marks if change is None or change[1] is None else change[1][1]
        if told & Mark.CONFLICT:
            yield _told(arrival.external_id, Effect.CONFLICT)
    else:
        effect = Effect.CREATE if change[2].create else Effect.UPDATE
        before = row.fields if row is not None else {}
        changed = field_changes(before, orjson.loads(change[2].fields))
        yield _told(
            arrival.external_id, effect, {name: {"from": old, "to": new} for name, (old, new) in changed.items()}
        )


def _told(external_id: str, effect: Effect, fields: dict[str, Any] | None = None) -> Line:
    return {"externalId": external_id, "action": effect.value, "fields": fields or {}}


_ORDER: Mapping[str, int] = {effect.value: place for place, effect in enumerate(Effect)}
