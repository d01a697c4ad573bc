"""Manifests as packed bytes: 25 for each record, in as many binary columns as they need."""

from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from struct import Struct
from typing import Any

from sync.model.manifest import Entry, Manifest

_ENTRY = Struct("16s8sB")
_ENTRIES_IN_COLUMN = 65_536 // _ENTRY.size
_COLUMN_BYTES = _ENTRIES_IN_COLUMN * _ENTRY.size
# As Entry(…), at a fifth of the cost: there are as many as records.
_entry = partial(tuple.__new__, Entry)


def write_manifest(manifest: Manifest) -> dict[str, Any]:
    """Return the columns that hold the manifest."""
    pack = _ENTRY.pack
    packed = b"".join([pack(key, digest, marks) for key, (digest, marks) in manifest.entries.items()])
    starts = range(0, len(packed), _COLUMN_BYTES)
    columns = {f"m{index}": packed[start : start + _COLUMN_BYTES] for index, start in enumerate(starts)}
    return {"runId": manifest.run_id, **columns}


def read_manifest(row: Mapping[str, Any]) -> Manifest:
    """Return the manifest that a row tells; the row is JSON, its binary columns Base64."""
    entries: dict[bytes, Entry] = {}
    columns = 0
    while (column := row.get(f"m{columns}")) is not None:
        keys, digests, marks = zip(*_ENTRY.iter_unpack(b64decode(column)), strict=True)
        entries.update(zip(keys, map(_entry, zip(digests, marks, strict=True)), strict=True))
        columns += 1
    return Manifest(row["runId"], entries, row["odata.etag"])
