"""Manifests as packed bytes: 26 for each record, in as many binary columns as they need."""

from collections.abc import Iterable, Iterator, Mapping
from struct import Struct
from typing import Any

from azure.data.tables import TableEntity

from sync.model.manifest import Entry, Manifest
from sync.storage.tables import etag_of

_ENTRY = Struct("<16s8sH")
_ENTRIES_IN_COLUMN = 65_536 // _ENTRY.size
_COLUMN_BYTES = _ENTRIES_IN_COLUMN * _ENTRY.size


def write_manifest(manifest: Manifest) -> dict[str, Any]:
    """Return the columns that hold the manifest."""
    pack = _ENTRY.pack
    packed = b"".join([pack(key, digest, marks) for key, (digest, marks) in manifest.entries.items()])
    starts = range(0, len(packed), _COLUMN_BYTES)
    columns = {f"m{index}": packed[start : start + _COLUMN_BYTES] for index, start in enumerate(starts)}
    return {"runId": manifest.run_id, **columns}


def read_manifest(row: TableEntity) -> Manifest:
    """Return the manifest that a row tells."""
    return Manifest(row["runId"], _entries(_columns(row)), etag_of(row))


def _columns(row: Mapping[str, Any]) -> Iterator[Any]:
    columns = 0
    while (column := row.get(f"m{columns}")) is not None:
        yield column
        columns += 1


def _entries(columns: Iterable[bytes]) -> dict[bytes, Entry]:
    entries: dict[bytes, Entry] = {}
    for column in columns:
        keys, digests, marks = zip(*_ENTRY.iter_unpack(column), strict=True)
        entries.update(zip(keys, zip(digests, marks, strict=True), strict=True))
    return entries
