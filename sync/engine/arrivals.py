"""Turns decoded source records into arrivals, by a compiled mapping."""

from hashlib import blake2b
from typing import Any

import orjson
from xxhash import xxh3_64_digest

from mapping.compiler import CompiledMapping, Mapped
from sync.engine.buckets import record_key
from sync.model.record import Arrival, RecordFault, new_arrival

NO_FIELDS = "{}"
MISSING_ID = "MISSING_ID"
_ETAG = "@odata.etag"
_BLANK_TIME = "0001-"
"""How a time begins that Business Central has not set: it has no null for times."""


def arrive(records: list[dict[str, Any]], mapping: CompiledMapping) -> list[Arrival]:
    """Return one arrival for each record; one that cannot be mapped carries its fault.

    The list is emptied on the way: a page is not held twice.
    """
    arrivals = []
    run, id_field, modified_field = mapping.run, mapping.rules.id_field, mapping.rules.modified_field
    records.reverse()
    while records:
        record = records.pop()
        external_id = record.get(id_field)
        if not isinstance(external_id, str) or not external_id:
            arrivals.append(_nameless(record))
            continue
        fields, problems = run(record)
        modified = record.get(modified_field) if modified_field else None
        stamp = modified if isinstance(modified, str) and not modified.startswith(_BLANK_TIME) else None
        tag = record.get(_ETAG)
        etag = tag if type(tag) is str else None
        if problems:
            arrivals.append(_faulty(external_id, Mapped(fields, tuple(problems)), stamp, etag))
            continue
        text = orjson.dumps(fields)
        key, digest = record_key(external_id), xxh3_64_digest(text)
        arrivals.append(new_arrival((external_id, key, digest, text.decode(), stamp, None, etag)))
    return arrivals


def _faulty(external_id: str, mapped: Mapped, stamp: str | None, etag: str | None) -> Arrival:
    fault = RecordFault(mapped.problems[0].code, mapped.message, mapped.data)
    return Arrival(external_id, record_key(external_id), b"", NO_FIELDS, stamp, fault, etag)


def _nameless(record: dict[str, Any]) -> Arrival:
    """Keep a record without id apart by its content, so that it is counted and logged as one error."""
    content = orjson.dumps(record, option=orjson.OPT_SORT_KEYS, default=str)
    external_id = "noid-" + blake2b(content, digest_size=8).hexdigest()
    number = record.get("number")
    fault = RecordFault(MISSING_ID, "The source sent a record without an id", {"number": number})
    return Arrival(external_id, record_key(external_id), b"", NO_FIELDS, None, fault)
