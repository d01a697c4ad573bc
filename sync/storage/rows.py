"""Records as table rows, and back."""

from typing import Any

import orjson
from azure.data.tables import TableEntity

from sync.codec import from_wire, to_wire
from sync.model.bucket import BucketWrite, RowWrite
from sync.model.record import Record, RecordFault, SyncStatus
from sync.storage.keys import escape
from sync.storage.metadata import LONGEST
from sync.storage.tables import etag_of, plain_time

COLUMNS = (
    "PartitionKey",
    "RowKey",
    "externalId",
    "integrationId",
    "source",
    "fields",
    "custom",
    "pinned",
    "declined",
    "syncStatus",
    "lastSyncedAt",
    "sourceModifiedAt",
    "presentInSource",
    "fault",
)
"""What a listing asks for."""


def written_row(partition: str, row: RowWrite, write: BucketWrite) -> dict[str, Any]:
    """Return the properties that a sync writes: all of a new row, the named ones of another."""
    place = escape(row.external_id)
    entity: dict[str, Any] = {"PartitionKey": partition, "RowKey": place, "syncStatus": row.status.value}
    if place != row.external_id:
        entity["externalId"] = row.external_id
    if row.create:
        entity |= {"source": write.source, "fields": "{}", "presentInSource": True, "pinned": "[]", "fault": ""}
    if row.fields is not None:
        entity |= {"fields": row.fields, "lastSyncedAt": write.written_at, "integrationId": write.integration_id}
    if row.modified is not None:
        entity["sourceModifiedAt"] = row.modified
    if row.present is not None:
        entity["presentInSource"] = row.present
    if row.fault is not None:
        entity["fault"] = _fitting(row.fault)
    return entity


def created_row(partition: str, record: Record) -> dict[str, Any]:
    """Return all properties of a record that the platform makes."""
    place = escape(record.external_id)
    entity: dict[str, Any] = {
        "PartitionKey": partition,
        "RowKey": place,
        "externalId": record.external_id if place != record.external_id else None,
        "integrationId": record.integration_id,
        "source": record.source,
        "lastSyncedAt": record.last_synced_at,
        "sourceModifiedAt": record.source_modified_at,
        "presentInSource": record.present_in_source,
        "fault": _text(to_wire(record.fault)) if record.fault is not None else "",
        **_edited(record),
    }
    return {name: value for name, value in entity.items() if value is not None}


def edited_row(partition: str, record: Record) -> dict[str, Any]:
    """Return the properties that an edit on the platform writes."""
    return {"PartitionKey": partition, "RowKey": escape(record.external_id), **_edited(record)}


def read_record(row: TableEntity) -> Record:
    """Return the record that a row holds."""
    fault, custom, synced = row.get("fault"), row.get("custom"), row.get("lastSyncedAt")
    declined = row.get("declined")
    return Record(
        external_id=row.get("externalId") or row["RowKey"],
        fields=orjson.loads(row["fields"]),
        sync_status=SyncStatus(row["syncStatus"]),
        integration_id=row.get("integrationId"),
        source=row.get("source"),
        custom=orjson.loads(custom) if custom else {},
        pinned=tuple(orjson.loads(row["pinned"])),
        declined=orjson.loads(declined) if declined else {},
        last_synced_at=plain_time(synced) if synced is not None else None,
        source_modified_at=row.get("sourceModifiedAt"),
        present_in_source=row["presentInSource"],
        fault=from_wire(RecordFault, orjson.loads(fault)) if fault else None,
        version=etag_of(row),
    )


def _edited(record: Record) -> dict[str, Any]:
    return {
        "fields": _text(record.fields),
        "custom": _text(record.custom) if record.custom else "",
        "pinned": _text(record.pinned),
        "declined": _text(record.declined) if record.declined else "",
        "syncStatus": record.sync_status.value,
    }


def _text(data: Any) -> str:
    return orjson.dumps(data).decode()


def _fitting(fault: str) -> str:
    """Leave the source values out of a fault that is out of all proportion."""
    if len(fault) <= LONGEST:
        return fault
    return _text({**orjson.loads(fault), "data": {}})
